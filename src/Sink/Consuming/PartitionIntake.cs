using Cdc.Contracts.Positions;

namespace Cdc.Sink.Consuming;

/// <summary>One partition that is read: its table, once a record told which, and whether it is not read any further.</summary>
public sealed class PartitionIntake(TopicPartition partition)
{
    public TopicPartition Partition { get; } = partition;

    public SinkTable? Table { get; set; }

    /// <summary>A record cannot be read.</summary>
    public bool IsStopped { get; set; }

    public bool IsStill => IsStopped || Table is { IsStill: true };
}
