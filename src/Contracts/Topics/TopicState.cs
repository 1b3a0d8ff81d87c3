using System.Collections.Immutable;

namespace Cdc.Contracts.Topics;

/// <summary>A topic as the log has it now. <paramref name="TopicId"/> changes when a topic of the same name is made again.</summary>
public sealed record TopicState(string Topic, string TopicId, ImmutableArray<PartitionState> Partitions);

/// <summary>
/// A partition's bounds: the first offset still held, and the end, which no record has yet; equal where nothing is held. A log may use
/// offsets for itself, so the next record's is the end or a later one.
/// </summary>
public readonly record struct PartitionState(int Partition, long FirstOffset, long NextOffset);
