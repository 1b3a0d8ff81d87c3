using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Ledger;

/// <summary>
/// The end of a snapshot in one partition: rows that it wrote before the snapshot began, and that were neither read nor changed since, are
/// gone at the source.
/// </summary>
/// <param name="Entry">The ledger's row before the sweep.</param>
/// <param name="Snapshot">The snapshot's id, which the sweep notes there.</param>
/// <param name="Before">Rows of a smaller offset are removed.</param>
/// <param name="UnusedFrom">
/// Rows of partitions from this number on are removed too, for the topic once had more, and such as somebody wrote by hand. Null but for
/// the last partition that is swept, so that a row that another partition will bring again does not vanish for a while.
/// </param>
public sealed record Sweep(LedgerEntry Entry, string Snapshot, long Before, int? UnusedFrom)
{
    public LedgerEntry Swept => Entry with { Swept = Snapshot };

    /// <summary>
    /// Whether a sweep is due. The topic's newest complete snapshot was applied from its start to its end, without a gap. It was not swept
    /// yet. A sink that began later, or stopped in between, removes nothing.
    /// </summary>
    public static bool IsDue(LedgerEntry entry, SnapshotBounds? snapshot) =>
        snapshot is { IsComplete: true }
        && entry.Partition.Partition < Math.Min(snapshot.Begin.Length, snapshot.End.Length)
        && entry.Since <= snapshot.Begin[entry.Partition.Partition]
        && entry.NextOffset >= snapshot.End[entry.Partition.Partition]
        && !string.Equals(entry.Swept, snapshot.Id, StringComparison.Ordinal);

    /// <summary>A partition that is due, or null.</summary>
    public static Sweep? FindNext(IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger, TopicNotes notes, Predicate<string> isStopped)
    {
        foreach (var entry in ledger.Values)
        {
            var topic = entry.Partition.Topic;
            if (notes.SnapshotOf(topic) is { } snapshot && IsDue(entry, snapshot) && !isStopped(topic))
                return new Sweep(entry, snapshot.Id, snapshot.Begin[entry.Partition.Partition], IsLast(entry, snapshot, ledger)
                    ? snapshot.Begin.Length : null);
        }

        return null;
    }

    private static bool IsLast(LedgerEntry entry, SnapshotBounds snapshot, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger) =>
        Enumerable.Range(0, snapshot.Begin.Length).Select(partition => new TopicPartition(snapshot.Topic, partition))
            .All(partition => partition == entry.Partition
                || (ledger.TryGetValue(partition, out var other) && string.Equals(other.Swept, snapshot.Id, StringComparison.Ordinal)));
}
