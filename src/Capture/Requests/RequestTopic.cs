using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Requests;

/// <summary>
/// The requests for one capture, as records of a topic of the log: whoever has the log can leave one, also while nothing runs. What the
/// capture took up, its own checkpoint remembers.
/// </summary>
public sealed class RequestTopic(ITopicLog log, string prefix)
{
    private readonly string topic = TopicNaming.RequestsOf(prefix);

    /// <summary>The checkpoint's entry: the offset of the first request that was not taken up.</summary>
    public const string CheckpointKey = "requests";

    /// <summary>Leaves a request; durable when this returns. One at a time: a later call ends the writer of an earlier one.</summary>
    public async Task SendAsync(ResyncRequest request, CancellationToken cancellationToken)
    {
        await using var writer = await log.OpenWriterAsync(topic, cancellationToken);
        await writer.EnsureTopicAsync(topic, 1, cancellationToken);
        var partitions = new PartitionTable();
        using var batch = new RecordBatch(partitions, 1024);
        batch.BeginRecord(partitions.Add(new TopicPartition(topic, 0)));
        batch.EndKey(isNull: true);
        batch.Buffer.Write(request.Encode());
        batch.EndValue();
        batch.EndRecord();
        await writer.AppendAsync(batch, _ => [], cancellationToken);
    }

    /// <summary>Where a capture goes on that has this checkpoint.</summary>
    public static long StartOf(Checkpoint checkpoint)
    {
        var text = checkpoint[CheckpointKey];
        return text is null ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var next) ? next
            : throw new CdcException(ErrorCodes.CheckpointUnreadable, "Reading the checkpoint, which requests were taken up is not understood.");
    }

    /// <summary>The checkpoint's entry once everything before <paramref name="next"/> was taken up.</summary>
    public static CheckpointEntry TakenUpTo(long next) => new(CheckpointKey, next.ToString(CultureInfo.InvariantCulture));

    /// <summary>Everything from an offset on that is durable now, and where it goes on then. What the log no longer holds was asked too long ago.</summary>
    public async Task<(IReadOnlyList<ResyncRequest> Requests, long Next)> ReadAsync(long from, CancellationToken cancellationToken)
    {
        var topics = await log.DescribeTopicsAsync(cancellationToken);
        if (topics.FirstOrDefault(state => string.Equals(state.Topic, topic, StringComparison.Ordinal)) is not { } state)
            return ([], from);
        var partition = state.Partitions[0];
        var next = Math.Max(from, partition.FirstOffset);
        if (next >= partition.NextOffset)
            return ([], next);
        var requests = new List<ResyncRequest>();
        await using var reader = await log.OpenReaderAsync([new TopicOffset(topic, 0, next)], cancellationToken);
        while (next < partition.NextOffset)
        {
            using var block = await reader.ReadAsync(TimeSpan.FromSeconds(1), cancellationToken);
            while (block.TryRead(out var record, out _, out _))
                requests.Add(ResyncRequest.Decode(record.Value));
            next = block.NextOffsets[0];
        }

        return (requests, next);
    }
}
