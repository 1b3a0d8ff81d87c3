using Cdc.Capture;
using Cdc.Cli.Configuration;
using Cdc.Hosting;
using Cdc.Sink;

namespace Cdc.Cli.Remote;

/// <summary>A source or a sink that keeps something outside of this machine which a reset forgets.</summary>
/// <param name="Name">For people.</param>
/// <param name="ProbeAsync">Changes nothing; throws where it does not answer.</param>
/// <param name="RunAsync">Forgets; answers with what was done. Called again, it finds nothing more to do.</param>
internal sealed record ResetPart(string Name, Func<CancellationToken, Task> ProbeAsync, Func<CancellationToken, Task<string>> RunAsync)
{
    /// <summary>
    /// Slots first: from then on a run stops with the code of a lost slot, until this was called again and went through.
    /// </summary>
    public static IReadOnlyList<ResetPart> Of(InstallationOptions options, string? logId) =>
    [
        .. options.Sources.Select(source =>
        {
            var reset = new CaptureReset(source, TimeProvider.System);
            return new ResetPart($"source '{source.Name}'", reset.ProbeAsync, reset.RunAsync);
        }),
        .. options.Sinks.Select(sink =>
        {
            var reset = new SinkReset(sink, logId, () => TableWriters.Open(sink, TimeProvider.System));
            return new ResetPart($"sink '{sink.Name}'", reset.ProbeAsync, reset.RunAsync);
        }),
    ];
}
