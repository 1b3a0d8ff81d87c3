using Cdc.Capture;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Sink;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting;

/// <summary>What was registered of a host: its log, sources and sinks. Opening it makes the roles, and starts none.</summary>
public sealed class RolesOpening
{
    private readonly LogOpening openLog;

    public RolesOpening(
        IEnumerable<CaptureOptions> sources, IEnumerable<SinkOptions> sinks, IEnumerable<LogOpening> logs, RolesOptions options,
        LoopHealth health, TimeProvider clock, ILoggerFactory logging)
    {
        Sources = [.. sources];
        Sinks = [.. sinks];
        Options = options;
        Health = health;
        Clock = clock;
        Logging = logging;
        var opening = logs.ToList();
        openLog = opening.Count == 1
            ? opening[0]
            : throw Wrong(FormattableString.Invariant(
                $"{opening.Count} logs were found; expected one, such as 'AddEmbeddedLog' registers."));
        OptionRules.Require(Sources, Sinks);
        // Invariant 5: two of one prefix would end each other's writer for ever.
        RequireUnique("name", Sources.Select(source => source.Name));
        RequireUnique("topic prefix", Sources.Select(source => source.TopicPrefix));
        RequireUnique("name", Sinks.Select(sink => sink.Name));
        if (Sinks.FirstOrDefault(sink => sink.Postgres is null == sink.DuckDb is null) is { } sink)
            throw Wrong($"sink '{sink.Name}' has no target or two; expected one of 'Postgres' and 'DuckDb'.");
    }

    internal IReadOnlyList<CaptureOptions> Sources { get; }

    internal IReadOnlyList<SinkOptions> Sinks { get; }

    internal RolesOptions Options { get; }

    internal LoopHealth Health { get; }

    internal TimeProvider Clock { get; }

    internal ILoggerFactory Logging { get; }

    /// <summary>Opens the log and puts the roles together; starts nothing. Throws what the log throws.</summary>
    public async Task<Roles> OpenAsync(CancellationToken cancellationToken) => new(this, await openLog(cancellationToken));

    private static void RequireUnique(string what, IEnumerable<string> names)
    {
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } repeated)
            throw Wrong($"the {what} '{repeated.Key}' was found twice; expected one of its own for each.");
    }

    private static CdcException Wrong(string what) =>
        new(ErrorCodes.SettingsConflict, $"Putting the captures and sinks of a host together, {what}");
}
