using System.Collections.Immutable;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

/// <summary>
/// What the groups of the journal add up to: topics, next offsets and checkpoint entries. Reading groups at opening and appending new
/// ones change it alike. A head group holds all of it: topics (count; each name, id, partitions, next offset per partition), prefixes
/// (count; each prefix, count of entries, keys and values).
/// </summary>
internal sealed class JournalState
{
    private readonly Dictionary<string, Dictionary<string, string>> checkpoints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Checkpoint> copies = new(StringComparer.Ordinal);
    private long[] nextOffsets = [];

    public TopicCatalog Catalog { get; private set; } = TopicCatalog.Empty;

    /// <summary>By partition number.</summary>
    public ReadOnlySpan<long> NextOffsets => nextOffsets.AsSpan(0, Catalog.PartitionCount);

    /// <summary>The same object until an entry changes: who looks often sees at once that nothing is new.</summary>
    public Checkpoint CheckpointOf(string prefix)
    {
        if (!checkpoints.TryGetValue(prefix, out var entries))
            return Checkpoint.Empty;
        if (!copies.TryGetValue(prefix, out var copy))
            copies.Add(prefix, copy = new Checkpoint(entries));
        return copy;
    }

    public IReadOnlyList<string> ListPrefixes() => [.. checkpoints.Where(prefix => prefix.Value.Count > 0).Select(prefix => prefix.Key)];

    public void AddTopic(NewTopic topic)
    {
        Catalog = Catalog.With(topic.Name, topic.Id, topic.Partitions);
        if (nextOffsets.Length < Catalog.PartitionCount)
            Array.Resize(ref nextOffsets, Math.Max(Catalog.PartitionCount, 2 * nextOffsets.Length));
    }

    public void MoveTo(int partitionNumber, long nextOffset) => nextOffsets[partitionNumber] = nextOffset;

    public void Change(string prefix, CheckpointEntry entry)
    {
        copies.Remove(prefix);
        if (!checkpoints.TryGetValue(prefix, out var entries))
            checkpoints.Add(prefix, entries = new Dictionary<string, string>(StringComparer.Ordinal));
        if (entry.Value is null)
            entries.Remove(entry.Key);
        else
            entries[entry.Key] = entry.Value;
    }

    /// <summary>Adds an append group that was read; its offsets must continue what is known.</summary>
    public void Apply(TableReader table)
    {
        var partitions = table.ReadCount(GroupPartition.Size);
        for (var i = 0; i < partitions; i++)
        {
            var partition = GroupTable.ReadPartition(ref table);
            if (partition.Number >= Catalog.PartitionCount || nextOffsets[partition.Number] != partition.BaseOffset)
                throw table.Damaged();
            nextOffsets[partition.Number] = partition.NextOffset;
        }

        for (var left = table.ReadCount(24); left > 0; left--)
            AddReadTopic(ref table);
        var prefix = table.ReadText();
        for (var left = table.ReadCount(8); left > 0; left--)
            Change(prefix, new CheckpointEntry(table.ReadText(), table.ReadOptionalText()));
        if (!table.IsAtEnd)
            throw table.Damaged();
    }

    public void WriteHead(PooledBuffer target)
    {
        target.WriteInt32(Catalog.Topics.Length);
        foreach (var topic in Catalog.Topics)
        {
            GroupTable.WriteTopic(target, new NewTopic(topic.Name, topic.Id, topic.Partitions));
            for (var i = 0; i < topic.Partitions; i++)
                target.WriteInt64(nextOffsets[topic.FirstNumber + i]);
        }

        target.WriteInt32(checkpoints.Count);
        foreach (var (prefix, entries) in checkpoints)
        {
            GroupTable.WriteText(target, prefix);
            target.WriteInt32(entries.Count);
            foreach (var (key, value) in entries)
            {
                GroupTable.WriteText(target, key);
                GroupTable.WriteText(target, value);
            }
        }
    }

    public static JournalState ReadHead(TableReader table)
    {
        var state = new JournalState();
        state.ReadTopics(ref table);
        for (var left = table.ReadCount(8); left > 0; left--)
        {
            var prefix = table.ReadText();
            for (var entries = table.ReadCount(8); entries > 0; entries--)
                state.Change(prefix, new CheckpointEntry(table.ReadText(), table.ReadText()));
        }

        return table.IsAtEnd ? state : throw table.Damaged();
    }

    /// <summary>Only the next offsets of a head group, by partition number.</summary>
    public static ImmutableArray<long> ReadHeadOffsets(TableReader table)
    {
        var state = new JournalState();
        state.ReadTopics(ref table);
        return [.. state.NextOffsets];
    }

    private void ReadTopics(ref TableReader table)
    {
        for (var left = table.ReadCount(24); left > 0; left--)
        {
            var first = Catalog.PartitionCount;
            AddReadTopic(ref table);
            for (var number = first; number < Catalog.PartitionCount; number++)
                nextOffsets[number] = table.ReadInt64();
        }
    }

    private void AddReadTopic(ref TableReader table)
    {
        var topic = GroupTable.ReadTopic(ref table);
        if (Catalog.TryGet(topic.Name, out _))
            throw table.Damaged();
        AddTopic(topic);
    }
}
