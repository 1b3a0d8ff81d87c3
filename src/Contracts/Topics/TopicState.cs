using System.Collections.Immutable;

namespace Cdc.Contracts.Topics;

/// <summary>A topic as the log has it now. <paramref name="TopicId"/> changes when a topic of the same name is made anew.</summary>
public sealed record TopicState(string Topic, string TopicId, ImmutableArray<PartitionState> Partitions);

/// <summary>A partition's bounds: the first offset still held and the one the next record gets; equal where nothing is held.</summary>
public readonly record struct PartitionState(int Partition, long FirstOffset, long NextOffset);
