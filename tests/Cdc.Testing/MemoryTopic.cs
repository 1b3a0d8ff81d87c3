using Cdc.Contracts.Topics;

namespace Cdc.Testing;

/// <summary>A topic of a <see cref="MemoryTopicLog"/>.</summary>
internal sealed class MemoryTopic(string name, int partitions)
{
    private readonly string id = Guid.NewGuid().ToString("N");

    public string Name { get; } = name;

    public long[] First { get; } = new long[partitions];

    public long[] Next { get; } = new long[partitions];

    public TopicState Describe() =>
        new(Name, id,
            [.. Enumerable.Range(0, Next.Length).Select(partition => new PartitionState(partition, First[partition], Next[partition]))]);
}

/// <summary>The records of one partition in one append.</summary>
internal readonly record struct MemoryPart(MemoryTopic Topic, int Partition, int Slot, long BaseOffset, long NextOffset);

/// <summary>One append.</summary>
internal sealed record MemoryGroup(byte[] Records, IReadOnlyList<MemoryPart> Parts);
