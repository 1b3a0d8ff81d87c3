using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Cdc.Control.Orders;

namespace Cdc.Cli.Orders;

/// <summary>Turns an order into requests, one for each source that it means, and leaves them in the log.</summary>
/// <param name="tablesOf">The tables of a source that are captured, so far as they are known; null where nothing is known yet.</param>
internal sealed class ResyncOrders(ITopicLog log, IReadOnlyList<CaptureOptions> sources, Func<CaptureOptions, Task<IReadOnlyCollection<TableId>?>> tablesOf)
    : IDisposable
{
    private readonly SemaphoreSlim one = new(1); // The later writer of a topic ends the earlier one.

    /// <summary>Nothing is left in the log where any part of the order means nothing. Throws <c>CDC-2066</c>.</summary>
    public async Task<ResyncReceipt> SendAsync(ResyncOrder order, CancellationToken cancellationToken)
    {
        Check(order);
        var requests = new List<(CaptureOptions Source, ResyncRequest Request, IReadOnlyList<string> Tables)>();
        var meant = new HashSet<string>(StringComparer.Ordinal);
        foreach (var source in sources.Where(source => order.Source is null || string.Equals(source.Name, order.Source, StringComparison.Ordinal)))
        {
            var known = (await tablesOf(source))?.Select(table => table.ToString()).Order(StringComparer.Ordinal).ToList();
            var request = ResyncRequest.For(order.Tables.Where(pattern => Means(pattern, source, known)));
            meant.UnionWith(request.Tables);
            if (request.Tables.Any(pattern => !IsExclusion(pattern)))
                requests.Add((source, request, [.. (known ?? []).Where(request.Includes)]));
        }

        if (order.Tables.FirstOrDefault(pattern => !meant.Contains(pattern)) is { } unknown)
            throw Unknown(order, $"'{unknown}' means no table that is captured; expected the name of one, or a pattern.");
        await one.WaitAsync(cancellationToken);
        try
        {
            foreach (var (source, request, _) in requests)
                await new RequestTopic(log, source.TopicPrefix).SendAsync(request, cancellationToken);
        }
        finally
        {
            one.Release();
        }

        return new ResyncReceipt([.. requests.Select(sent => new AcceptedResync(sent.Source.Name, sent.Request.Id, sent.Tables))]);
    }

    public void Dispose() => one.Dispose();

    private void Check(ResyncOrder order)
    {
        if (order.Source is { } name && !sources.Any(source => string.Equals(source.Name, name, StringComparison.Ordinal)))
            throw Unknown(order, $"there is no source '{name}'; expected one of the configuration's.");
        if (order.Tables.Count > ResyncRequest.MaxTables || order.Tables.All(IsExclusion))
            throw Unknown(order, FormattableString.Invariant($"{order.Tables.Count} patterns were found; expected 1 to {ResyncRequest.MaxTables}, and not only such as exclude."));
        if (order.Tables.FirstOrDefault(pattern => !TextRule.TablePattern.Holds(pattern)) is { } malformed)
            throw Unknown(order, $"'{malformed}' was found; expected {TextRule.TablePattern.Expected}.");
    }

    /// <summary>All tables are meant also where none is known: that is how a gap is acknowledged.</summary>
    private static bool Means(string pattern, CaptureOptions source, List<string>? known) =>
        IsExclusion(pattern) || string.Equals(pattern, ResyncRequest.All, StringComparison.Ordinal)
        || (known is null
            ? pattern.Contains('*', StringComparison.Ordinal) || TableSelection.OfSource(source.Tables).Includes(pattern)
            : known.Exists(new TablePattern(pattern).Matches));

    private static bool IsExclusion(string pattern) => pattern.StartsWith('!');

    private static CdcException Unknown(ResyncOrder order, string what) =>
        new(ErrorCodes.ResyncTableUnknown, $"Asked to read tables {(order.Source is null ? "" : $"of source '{order.Source}' ")}again, {what}");
}
