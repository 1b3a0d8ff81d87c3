using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Ledger;

/// <summary>
/// Looks in the log for the last record that each partition applied: another one in its place shows that the log lost its end and grew
/// again, however far (Invariant 6). Asked once a partition, for a log that is open loses nothing.
/// </summary>
public sealed class AppliedRecords(ITopicLog log)
{
    private readonly HashSet<TopicPartition> found = [];

    /// <summary>
    /// By partition, whether the log holds what was applied last; nothing where that cannot be told, because the ledger knows no such
    /// record or retention removed it.
    /// </summary>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, bool>> FindAsync(
        IReadOnlyCollection<TopicState> topics, IReadOnlyCollection<LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        var held = new Dictionary<TopicPartition, bool>();
        var sought = new Dictionary<TopicPartition, RecordMark>();
        foreach (var entry in ledger)
        {
            if (StateOf(topics, entry) is not { } state)
                continue;
            if (entry.NextOffset > state.NextOffset)
                held.Add(entry.Partition, false);
            else if (entry.NextOffset == 0 || found.Contains(entry.Partition))
                held.Add(entry.Partition, true);
            else if (entry.Last is { } last && last.Offset >= state.FirstOffset)
                sought.Add(entry.Partition, last);
        }

        var marks = await MarksAsync([.. sought.Select(one => PlaceOf(one.Key, one.Value.Offset))], cancellationToken);
        foreach (var (partition, mark) in marks)
            held.Add(partition, mark == sought[partition]);
        found.UnionWith(held.Where(pair => pair.Value).Select(pair => pair.Key));
        return held;
    }

    /// <summary>By partition, the mark of the record at a place; nothing where none lies there.</summary>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, RecordMark>> MarksAsync(
        IReadOnlyCollection<TopicOffset> places, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<TopicPartition, RecordMark>();
        if (places.Count > 0)
            await log.VisitAsync(places, (place, record) => marks[place.TopicPartition] = RecordMark.Of(record, place.Offset),
                cancellationToken);
        return marks;
    }

    public static TopicOffset PlaceOf(TopicPartition partition, long offset) => new(partition.Topic, partition.Partition, offset);

    private static PartitionState? StateOf(IReadOnlyCollection<TopicState> topics, LedgerEntry entry)
    {
        var topic = topics.FirstOrDefault(topic => string.Equals(topic.Topic, entry.Partition.Topic, StringComparison.Ordinal));
        return topic is null || !TopicIdentity.IsSame(topic.TopicId, entry.TopicId) ? null
            : topic.Partitions.Where(state => state.Partition == entry.Partition.Partition).Select(state => (PartitionState?)state)
            .FirstOrDefault();
    }}
