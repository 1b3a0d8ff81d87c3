using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Ledger;

/// <summary>
/// Looks in the log for the last record that each partition applied: another one in its place shows that the log lost its end and grew
/// anew, however far (Invariant 6). Asked once a partition, for a log that is open loses nothing.
/// </summary>
public sealed class AppliedRecords(ITopicLog log)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private readonly HashSet<TopicPartition> found = [];

    /// <summary>
    /// By partition, whether the log holds what was applied last; nothing where that cannot be told, because the ledger knows no such
    /// record or retention removed it.
    /// </summary>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, bool>> FindAsync(
        IReadOnlyCollection<TopicState> topics, IReadOnlyCollection<LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        var held = new Dictionary<TopicPartition, bool>();
        foreach (var entry in ledger)
        {
            if (StateOf(topics, entry) is { } state && await IsHeldAsync(entry, state, cancellationToken) is { } isHeld)
                held.Add(entry.Partition, isHeld);
        }

        found.UnionWith(held.Where(pair => pair.Value).Select(pair => pair.Key));
        return held;
    }

    /// <summary>The mark of the record before an offset; null where the log does not hold it.</summary>
    public async ValueTask<RecordMark?> MarkBeforeAsync(TopicPartition partition, long offset, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await log.OpenReaderAsync([new TopicOffset(partition.Topic, partition.Partition, offset - 1)],
                cancellationToken);
            using var block = await reader.ReadAsync(Wait, cancellationToken);
            return block.TryRead(out var record, out _, out var at) && at == offset - 1 ? RecordMark.Of(record, at) : null;
        }
        catch (CdcException error) when (error.Kind == ErrorKind.LogPositionLost)
        {
            return null;
        }
    }

    private static PartitionState? StateOf(IReadOnlyCollection<TopicState> topics, LedgerEntry entry)
    {
        var topic = topics.FirstOrDefault(topic => string.Equals(topic.Topic, entry.Partition.Topic, StringComparison.Ordinal));
        return topic is null || !TopicIdentity.IsSame(topic.TopicId, entry.TopicId) ? null
            : topic.Partitions.Where(state => state.Partition == entry.Partition.Partition).Select(state => (PartitionState?)state)
            .FirstOrDefault();
    }

    private async ValueTask<bool?> IsHeldAsync(LedgerEntry entry, PartitionState state, CancellationToken cancellationToken)
    {
        if (entry.NextOffset > state.NextOffset)
            return false;
        if (entry.NextOffset == 0 || found.Contains(entry.Partition))
            return true;
        if (entry.Last is not { } last || last.Offset < state.FirstOffset)
            return null;
        return await MarkBeforeAsync(entry.Partition, last.Offset + 1, cancellationToken) is { } held ? held == last : null;
    }
}
