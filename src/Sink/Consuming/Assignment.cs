using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>Which partitions a sink reads, from where, and what the ledger says of them.</summary>
/// <param name="Ledger">By partition, as it stands after the moves; of stopped topics too.</param>
/// <param name="Moves">Ledger rows that must be inserted, or moved over a gap, first.</param>
/// <param name="Stopped">By topic: the gap that only a re-read closes. Nothing of such a topic is read.</param>
public sealed record Assignment(
    IReadOnlyDictionary<TopicPartition, LedgerEntry> Ledger, IReadOnlyList<LedgerMove> Moves, IReadOnlyDictionary<string, CdcException> Stopped)
{
    public IReadOnlyList<TopicOffset> Starts =>
    [
        .. Ledger.Values.Where(entry => !Stopped.ContainsKey(entry.Partition.Topic))
            .Select(entry => new TopicOffset(entry.Partition.Topic, entry.Partition.Partition, entry.NextOffset)),
    ];

    /// <summary>
    /// Holds the topics of a subscription against the ledger. What does not fit is a gap: another topic under the same name (<c>CDC-5080</c>),
    /// an offset no longer held (<c>CDC-3010</c>) or beyond the end (<c>CDC-3011</c>), a topic that is gone (<c>CDC-3012</c>), or a beginning
    /// that is no longer held (<c>CDC-5081</c>). The partition goes on at a snapshot that repairs it, else the topic stops (Invariant 6).
    /// </summary>
    public static Assignment Plan(string sink, IReadOnlyCollection<TopicState> topics, IEnumerable<LedgerEntry> ledger, TopicNotes notes)
    {
        var known = ledger.ToDictionary(entry => entry.Partition);
        var all = new Dictionary<TopicPartition, LedgerEntry>(known);
        var moves = new List<LedgerMove>();
        var stopped = new Dictionary<string, CdcException>(StringComparer.Ordinal);
        foreach (var topic in topics)
        {
            try
            {
                var planned = topic.Partitions.Select(state => Plan(sink, notes.IdentityOf(topic), topic.Topic, state, known, notes.SnapshotOf(topic.Topic))).ToList();
                foreach (var move in planned)
                    all[move.Moved.Partition] = move.Moved;
                moves.AddRange(planned.Where(move => move.Expected != move.Moved));
            }
            catch (CdcException gap)
            {
                stopped.Add(topic.Topic, gap);
            }
        }

        foreach (var gone in known.Values.Where(entry => !topics.Any(topic => Holds(topic, entry.Partition))))
        {
            if (topics.Any(topic => IsOlder(gone, topic, notes)))
                all.Remove(gone.Partition); // The topic that replaced it has fewer partitions; what this one wrote is swept with the others.
            else
                stopped.TryAdd(gone.Partition.Topic, new CdcException(ErrorCodes.TopicUnknown,
                    $"Sink '{sink}' has applied partition '{gone.Partition}' up to an offset, but the log has no such partition any more."));
        }

        return new Assignment(all, moves, stopped);
    }

    private static bool Holds(TopicState topic, TopicPartition partition) =>
        string.Equals(topic.Topic, partition.Topic, StringComparison.Ordinal) && topic.Partitions.Any(state => state.Partition == partition.Partition);

    private static bool IsOlder(LedgerEntry entry, TopicState topic, TopicNotes notes) =>
        string.Equals(topic.Topic, entry.Partition.Topic, StringComparison.Ordinal) && !string.Equals(notes.IdentityOf(topic), entry.TopicId, StringComparison.Ordinal);

    private static LedgerMove Plan(
        string sink, string topicId, string topic, PartitionState state, Dictionary<TopicPartition, LedgerEntry> known, SnapshotBounds? snapshot)
    {
        var partition = new TopicPartition(topic, state.Partition);
        var entry = known.GetValueOrDefault(partition);
        if (FindGap(sink, partition, entry, topicId, state) is not { } gap)
            return new LedgerMove(entry, entry ?? new LedgerEntry(sink, partition, topicId, NextOffset: 0, Since: 0, Swept: null, Rows: 0));
        if (snapshot is null || !Repairs(gap, snapshot, entry, state))
            throw gap;
        var begin = snapshot.Begin[state.Partition];
        var moved = entry ?? new LedgerEntry(sink, partition, topicId, NextOffset: begin, Since: begin, Swept: null, Rows: 0);
        return new LedgerMove(entry, moved with { TopicId = topicId, NextOffset = begin, Since = begin });
    }

    private static CdcException? FindGap(string sink, TopicPartition partition, LedgerEntry? entry, string topicId, PartitionState state)
    {
        if (entry is null)
        {
            return state.FirstOffset == 0 ? null : new CdcException(ErrorCodes.ConsumerTooLate, FormattableString.Invariant(
                $"Sink '{sink}' is new to partition '{partition}', whose first {state.FirstOffset} records the log no longer holds."));
        }

        if (!string.Equals(entry.TopicId, topicId, StringComparison.Ordinal))
        {
            return new CdcException(ErrorCodes.TopicReplaced,
                $"Partition '{partition}' was applied from topic '{entry.TopicId}', but the log now has topic '{topicId}' under that name.");
        }

        if (entry.NextOffset < state.FirstOffset)
        {
            return new CdcException(ErrorCodes.OffsetNoLongerHeld, FormattableString.Invariant(
                $"Partition '{partition}' was applied up to offset {entry.NextOffset}, but the log holds it from {state.FirstOffset} only."));
        }

        return entry.NextOffset <= state.NextOffset ? null : new CdcException(ErrorCodes.OffsetBeyondEnd, FormattableString.Invariant(
            $"Partition '{partition}' was applied up to offset {entry.NextOffset}, but the log ends at {state.NextOffset}."));
    }

    // What is applied from a snapshot's begin on, and swept at its end, does not depend on what the target held before. So a gap is closed
    // by any snapshot that the log holds from its begin on and that tells of the source as it was after the gap:
    // - Where retention made the gap, or the sink is new, the log holds nothing older than what lies behind it.
    // - Where the log is another, or capture began anew (another lineage; the bounds of older snapshots went with that), somebody must have
    //   asked for the re-read: what a topic of the same name holds may be of another source.
    // - Where the log ends before the ledger, it lost its end or is another, and gives its offsets anew: nothing in it is trusted before
    //   capture begins anew behind the same loss. Else the offset would be held again some day, by another record.
    private static bool Repairs(CdcException gap, SnapshotBounds snapshot, LedgerEntry? entry, PartitionState state) =>
        state.Partition < snapshot.Begin.Length
        && snapshot.Begin[state.Partition] >= state.FirstOffset
        && gap.Code != ErrorCodes.OffsetBeyondEnd
        && (gap.Code != ErrorCodes.TopicReplaced || string.Equals(snapshot.Reason, SnapshotBounds.Repair, StringComparison.Ordinal))
        && !string.Equals(entry?.Swept, snapshot.Id, StringComparison.Ordinal);
}
