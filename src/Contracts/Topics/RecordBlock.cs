using Cdc.Contracts.Positions;

namespace Cdc.Contracts.Topics;

/// <summary>
/// Some consumed records in <see cref="RecordLayout"/>, back to back, and where each partition of the reader continues after them. Records
/// whose slot is negative belong to nobody and are passed over. Valid until disposed.
/// </summary>
public sealed class RecordBlock : IDisposable
{
    private readonly ReadOnlyMemory<byte> records;
    private readonly long[] offsets;
    private readonly ReadOnlyMemory<long> own;
    private readonly int[] slotOf;
    private readonly IDisposable? owner;
    private int at;
    private int number;
    private (int At, int Partition) last = (0, -1);

    /// <param name="records">Records whose slots index <paramref name="slotOf"/>.</param>
    /// <param name="slotOf">The block's own number of each slot, or -1 where records of that slot are not for this reader.</param>
    /// <param name="partitions">The reader's partitions, by the block's numbers.</param>
    /// <param name="baseOffsets">
    /// By the block's numbers: the offset of the first record of that partition in <paramref name="records"/>.
    /// </param>
    /// <param name="skipBelow">By the block's numbers: records below this offset were consumed before and are passed over.</param>
    /// <param name="nextOffsets">By the block's numbers: where the partition continues after this block.</param>
    /// <param name="owner">Given back with the block.</param>
    public RecordBlock(
        ReadOnlyMemory<byte> records, int[] slotOf, IReadOnlyList<TopicPartition> partitions, long[] baseOffsets, long[] skipBelow,
        long[] nextOffsets,
        IDisposable? owner)
    {
        this.records = records;
        this.slotOf = slotOf;
        this.owner = owner;
        Partitions = partitions;
        NextOffsets = nextOffsets;
        SkipBelow = skipBelow;
        offsets = baseOffsets;
    }

    /// <param name="records">Records whose slots index <paramref name="partitions"/>.</param>
    /// <param name="offsets">By record, its own: a log that uses offsets for itself leaves some out.</param>
    /// <param name="partitions">The reader's partitions.</param>
    /// <param name="nextOffsets">By partition: where it continues after this block, also over offsets that hold no record.</param>
    /// <param name="owner">Given back with the block.</param>
    public RecordBlock(
        ReadOnlyMemory<byte> records, ReadOnlyMemory<long> offsets, IReadOnlyList<TopicPartition> partitions, long[] nextOffsets,
        IDisposable? owner)
        : this(records, [.. Enumerable.Range(0, partitions.Count)], partitions, [], [], nextOffsets, owner) =>
        (own, IsSparse) = (offsets, true);

    /// <summary>The reader's partitions; a record's <c>partition</c> indexes them.</summary>
    public IReadOnlyList<TopicPartition> Partitions { get; }

    /// <summary>By partition: the offset at which it continues, also where the block held nothing of it.</summary>
    public IReadOnlyList<long> NextOffsets { get; }

    /// <summary>
    /// Whether <see cref="NextOffsets"/> may lie behind the offset after a partition's last record, for what is between holds none.
    /// </summary>
    public bool IsSparse { get; }

    private long[] SkipBelow { get; }

    /// <summary>Whether it holds no record, of whomever.</summary>
    public bool IsEmpty => records.IsEmpty;

    /// <summary>Steps to the next record; false at the end.</summary>
    public bool TryRead(out RecordView record, out int partition, out long offset)
    {
        while (at < records.Length)
        {
            last = (at, -1);
            at += RecordLayout.Read(records.Span[at..], out record);
            partition = (uint)record.Slot < (uint)slotOf.Length ? slotOf[record.Slot] : -1;
            if (partition < 0)
                continue;
            last.Partition = partition;
            offset = IsSparse ? own.Span[number++] : offsets[partition]++;
            if (IsSparse || offset >= SkipBelow[partition])
                return true;
        }

        record = default;
        (partition, offset) = (-1, -1);
        return false;
    }

    /// <summary>Gives the last record read once more at the next <see cref="TryRead"/>.</summary>
    public void StepBack()
    {
        at = last.At;
        if (last.Partition < 0)
            return;
        if (IsSparse)
            number--;
        else
            offsets[last.Partition]--;
        last.Partition = -1;
    }

    public void Dispose() => owner?.Dispose();
}
