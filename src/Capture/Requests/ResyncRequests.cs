using System.Globalization;
using System.Text;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Requests;

/// <summary>
/// The requests for one capture, as checkpoint entries of a prefix of their own: whoever has the log can leave one, also while nothing
/// runs, and retention removes none. What the capture took up, its own checkpoint remembers; the next request clears that away.
/// </summary>
public sealed class ResyncRequests(ITopicLog log, string prefix)
{
    /// <summary>The checkpoint's entry: the number of the first request that was not taken up.</summary>
    public const string CheckpointKey = "requests";

    /// <summary>
    /// The checkpoint's entry: every table was asked for, and none of those reads has begun. Where changes turn out to be missing
    /// meanwhile, that is acknowledged already.
    /// </summary>
    public const string AllKey = "requests-all";

    private const string KeyPrefix = "request/";
    private const string NextKey = "next";

    private readonly string topic = TopicNaming.RequestsOf(prefix);

    /// <summary>Leaves a request; durable when this returns. One at a time: a later call ends the writer of an earlier one.</summary>
    public async Task SendAsync(ResyncRequest request, CancellationToken cancellationToken)
    {
        var taken = StartOf(await log.ReadCheckpointAsync(prefix, cancellationToken));
        await using var writer = await log.OpenWriterAsync(topic, cancellationToken);
        var next = NextOf(writer.Checkpoint);
        List<CheckpointEntry> entries =
        [
            new(KeyPrefix + Text(next), Encoding.UTF8.GetString(request.Encode())), new(NextKey, Text(next + 1)),
            .. Numbered(writer.Checkpoint).Where(entry => entry.Number < taken)
                .Select(entry => new CheckpointEntry(KeyPrefix + Text(entry.Number), null)),
        ];
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => entries, cancellationToken);
    }

    /// <summary>Where a capture continues that has this checkpoint.</summary>
    public static long StartOf(Checkpoint checkpoint) => Read(checkpoint, CheckpointKey);

    /// <summary>The checkpoint's entry once everything before <paramref name="next"/> was taken up.</summary>
    public static CheckpointEntry TakenUpTo(long next) => new(CheckpointKey, Text(next));

    /// <summary>Every request from a number on that is durable now, in order, and the number behind them.</summary>
    public async Task<(IReadOnlyList<ResyncRequest> Requests, long Next)> ReadAsync(long from, CancellationToken cancellationToken)
    {
        var left = await log.ReadCheckpointAsync(topic, cancellationToken);
        var requests = Numbered(left).Where(entry => entry.Number >= from).OrderBy(entry => entry.Number)
            .Select(entry => ResyncRequest.Decode(Encoding.UTF8.GetBytes(entry.Request))).ToList();
        return (requests, Math.Max(from, NextOf(left)));
    }

    private static long NextOf(Checkpoint left) => Read(left, NextKey);

    private static IEnumerable<(long Number, string Request)> Numbered(Checkpoint left) => left.Entries
        .Where(entry => entry.Key.StartsWith(KeyPrefix, StringComparison.Ordinal))
        .Select(entry => (Number(entry.Key[KeyPrefix.Length..]), entry.Value));

    private static long Read(Checkpoint checkpoint, string key) => checkpoint[key] is { } text ? Number(text) : 0;

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new CdcException(ErrorCodes.CheckpointUnreadable,
            "Reading the checkpoint, which requests were left or taken up is not understood.");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
