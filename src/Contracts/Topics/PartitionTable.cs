using Cdc.Contracts.Positions;

namespace Cdc.Contracts.Topics;

/// <summary>
/// Numbers the partitions a writer uses, so that a record names its partition by a small number (a slot). Slots are given once and stay.
/// One writer adds; any thread may look a slot up.
/// </summary>
public sealed class PartitionTable
{
    private readonly Dictionary<TopicPartition, int> slots = [];
    private volatile TopicPartition[] partitions = [];

    public int Count => partitions.Length;

    public TopicPartition this[int slot] => partitions[slot];

    /// <summary>The partition's slot; a new one where it has none yet.</summary>
    public int Add(TopicPartition partition)
    {
        if (slots.TryGetValue(partition, out var slot))
            return slot;
        slot = partitions.Length;
        slots.Add(partition, slot);
        partitions = [.. partitions, partition];
        return slot;
    }
}
