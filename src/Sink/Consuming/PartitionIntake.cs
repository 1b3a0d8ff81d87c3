using Cdc.Contracts.Positions;

namespace Cdc.Sink.Consuming;

/// <summary>One partition that is read: its table, once a record told which, and whether it is not read any further.</summary>
public sealed class PartitionIntake(TopicOffset start)
{
    public TopicPartition Partition { get; } = start.TopicPartition;

    /// <summary>The offset behind all that was taken.</summary>
    public long Next { get; set; } = start.Offset;

    public SinkTable? Table { get; set; }

    /// <summary>A record cannot be read.</summary>
    public bool IsStopped { get; set; }

    public bool IsStill => IsStopped || Table is { IsStill: true };
}
