using System.Globalization;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Cdc.Control.Commands;
using Cdc.Hosting;

namespace Cdc.Cli.Remote;

/// <summary>Turns a command into requests, one for each source that it means, and leaves them in the log.</summary>
/// <param name="tablesOf">The tables of a source that are captured, so far as they are known; null where nothing is known yet.</param>
internal sealed class ResyncSender(
    ITopicLog log, IReadOnlyList<CaptureOptions> sources, Func<CaptureOptions, Task<IReadOnlyCollection<TableId>?>> tablesOf)
    : IDisposable
{
    private readonly SemaphoreSlim one = new(1); // The later writer of a topic ends the earlier one.

    /// <summary>Nothing is left in the log where any part of the arguments means nothing. Throws <c>CDC-2066</c>.</summary>
    public async Task<ResyncReceipt> SendAsync(ResyncArguments arguments, CancellationToken cancellationToken)
    {
        Check(arguments);
        var requests = new List<(CaptureOptions Source, ResyncRequest Request, IReadOnlyList<string> Tables)>();
        var meant = new HashSet<string>(StringComparer.Ordinal);
        foreach (var source in sources.Where(source => arguments.Source is null
            || string.Equals(source.Name, arguments.Source, StringComparison.Ordinal)))
        {
            var known = (await tablesOf(source))?.Select(table => table.ToString()).Order(StringComparer.Ordinal).ToList();
            var request = ResyncRequest.For(arguments.Tables.Where(pattern => Means(pattern, source, known)));
            meant.UnionWith(request.Tables);
            if (request.Tables.Any(pattern => !IsExclusion(pattern)))
                requests.Add((source, request, [.. (known ?? []).Where(request.Includes)]));
        }

        if (arguments.Tables.FirstOrDefault(pattern => !meant.Contains(pattern)) is { } unknown)
            throw Unknown(arguments, $"'{unknown}' matches no captured table; expected the name of one, or a pattern.");
        await one.WaitAsync(cancellationToken);
        try
        {
            foreach (var (source, request, _) in requests)
                await new ResyncRequests(log, source.TopicPrefix).SendAsync(request, cancellationToken);
        }
        finally
        {
            one.Release();
        }

        return new ResyncReceipt([.. requests.Select(sent => new AcceptedResync(sent.Source.Name, sent.Request.Id, sent.Tables))]);
    }

    public void Dispose() => one.Dispose();

    private void Check(ResyncArguments arguments)
    {
        if (arguments.Source is { } name && !sources.Any(source => string.Equals(source.Name, name, StringComparison.Ordinal)))
            throw Unknown(arguments, $"there is no source '{name}'; expected one of the configuration's.");
        if (arguments.Tables.Count > ResyncRequest.MaxTables || arguments.Tables.All(IsExclusion))
            throw Unknown(arguments,
                string.Create(CultureInfo.InvariantCulture,
                    $"{arguments.Tables.Count} patterns were found; expected 1 to {ResyncRequest.MaxTables}, and at least one that does " +
                    $"not exclude."));
        if (arguments.Tables.FirstOrDefault(pattern => !TextRule.TablePattern.Holds(pattern)) is { } malformed)
            throw Unknown(arguments, $"'{malformed}' was found; expected {TextRule.TablePattern.Expected}.");
    }

    /// <summary>All tables are meant also where none is known: that is how a gap is acknowledged.</summary>
    private static bool Means(string pattern, CaptureOptions source, List<string>? known) =>
        IsExclusion(pattern) || string.Equals(pattern, ResyncRequest.All, StringComparison.Ordinal)
        || (known is null
            ? pattern.Contains('*', StringComparison.Ordinal) || TableSelection.OfSource(source.Tables).Includes(pattern)
            : known.Exists(new TablePattern(pattern).Matches));

    private static bool IsExclusion(string pattern) => pattern.StartsWith('!');

    private static CdcException Unknown(ResyncArguments arguments, string what) =>
        new(ErrorCodes.ResyncTableUnknown,
            $"Asked to read tables {(arguments.Source is null ? "" : $"of source '{arguments.Source}' ")}again, {what}");
}
