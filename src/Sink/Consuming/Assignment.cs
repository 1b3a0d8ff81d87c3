using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>Which partitions a sink reads, from where, and what the ledger says of them.</summary>
/// <param name="Ledger">By partition, as it stands after <see cref="New"/> was inserted.</param>
/// <param name="New">Ledger rows that must be inserted first.</param>
public sealed record Assignment(IReadOnlyDictionary<TopicPartition, LedgerEntry> Ledger, IReadOnlyList<LedgerEntry> New)
{
    public IReadOnlyList<TopicOffset> Starts =>
        [.. Ledger.Values.Select(entry => new TopicOffset(entry.Partition.Topic, entry.Partition.Partition, entry.NextOffset))];

    /// <summary>
    /// Holds the topics of a subscription against the ledger. What does not fit is a gap and is refused: another topic under the same name
    /// (<c>CDC-5030</c>), an offset no longer held (<c>CDC-3010</c>), or beyond the end (<c>CDC-3011</c>) (Invariant 6).
    /// </summary>
    public static Assignment Plan(string sink, IEnumerable<TopicState> topics, IEnumerable<LedgerEntry> ledger)
    {
        var known = ledger.ToDictionary(entry => entry.Partition);
        var all = new Dictionary<TopicPartition, LedgerEntry>();
        var added = new List<LedgerEntry>();
        foreach (var topic in topics)
        {
            foreach (var state in topic.Partitions)
            {
                var partition = new TopicPartition(topic.Topic, state.Partition);
                if (known.Remove(partition, out var entry))
                    Check(entry, topic.TopicId, state);
                else
                    added.Add(entry = Begin(sink, partition, topic.TopicId, state));
                all.Add(partition, entry);
            }
        }

        return known.Count == 0
            ? new Assignment(all, added)
            : throw new CdcException(ErrorCodes.TopicUnknown,
                $"Sink '{sink}' has applied partition '{known.Keys.First()}' up to an offset, but the log has no such partition any more.");
    }

    private static void Check(LedgerEntry entry, string topicId, PartitionState state)
    {
        if (!string.Equals(entry.TopicId, topicId, StringComparison.Ordinal))
        {
            throw new CdcException(ErrorCodes.TopicReplaced,
                $"Partition '{entry.Partition}' was applied from topic '{entry.TopicId}', but the log now has topic '{topicId}' under that name.");
        }

        if (entry.NextOffset < state.FirstOffset)
        {
            throw new CdcException(ErrorCodes.OffsetNoLongerHeld, FormattableString.Invariant(
                $"Partition '{entry.Partition}' was applied up to offset {entry.NextOffset}, but the log holds it from {state.FirstOffset} only."));
        }

        if (entry.NextOffset > state.NextOffset)
        {
            throw new CdcException(ErrorCodes.OffsetBeyondEnd, FormattableString.Invariant(
                $"Partition '{entry.Partition}' was applied up to offset {entry.NextOffset}, but the log ends at {state.NextOffset}."));
        }
    }

    private static LedgerEntry Begin(string sink, TopicPartition partition, string topicId, PartitionState state) => state.FirstOffset == 0
        ? new LedgerEntry(sink, partition, topicId, NextOffset: 0, Since: 0, Swept: null, Rows: 0)
        : throw new CdcException(ErrorCodes.ConsumerTooLate, FormattableString.Invariant(
            $"Sink '{sink}' is new to partition '{partition}', whose first {state.FirstOffset} records the log no longer holds."));
}
