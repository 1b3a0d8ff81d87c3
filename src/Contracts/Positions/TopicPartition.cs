namespace Cdc.Contracts.Positions;

/// <summary>One partition of a topic; partitions count from 0.</summary>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}/{Partition}";
}
