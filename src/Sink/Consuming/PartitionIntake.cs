using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;

namespace Cdc.Sink.Consuming;

/// <summary>One partition that is read: its table, once a record told which, and why it is not read any further.</summary>
public sealed class PartitionIntake(TopicPartition partition)
{
    public TopicPartition Partition { get; } = partition;

    public SinkTable? Table { get; set; }

    /// <summary>Why the records of a topic without a table cannot be read.</summary>
    public CdcException? Trouble { get; set; }

    public bool IsStopped => Trouble is not null || Table?.Trouble is not null;
}
