using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Cdc.Transport.Embedded;

/// <summary>A topic of the journal; its partitions are numbered from <paramref name="FirstNumber"/> on, through all topics.</summary>
internal sealed record TopicEntry(string Name, Guid Id, int FirstNumber, int Partitions);

/// <summary>All topics in the order they were made; never changed, replaced by <see cref="With"/>.</summary>
internal sealed class TopicCatalog
{
    private readonly ImmutableDictionary<string, TopicEntry> byName;

    private TopicCatalog(ImmutableArray<TopicEntry> topics, ImmutableDictionary<string, TopicEntry> byName, int partitionCount)
    {
        Topics = topics;
        this.byName = byName;
        PartitionCount = partitionCount;
    }

    public static TopicCatalog Empty { get; } = new([], ImmutableDictionary.Create<string, TopicEntry>(StringComparer.Ordinal), 0);

    public ImmutableArray<TopicEntry> Topics { get; }

    public int PartitionCount { get; }

    public bool TryGet(string name, [NotNullWhen(true)] out TopicEntry? topic) => byName.TryGetValue(name, out topic);

    /// <summary>With one more topic, whose name is new.</summary>
    public TopicCatalog With(string name, Guid id, int partitions)
    {
        var topic = new TopicEntry(name, id, PartitionCount, partitions);
        return new TopicCatalog(Topics.Add(topic), byName.Add(name, topic), PartitionCount + partitions);
    }
}
