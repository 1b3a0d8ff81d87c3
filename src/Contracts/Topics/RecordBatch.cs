using System.Buffers.Binary;
using Cdc.Contracts.Buffers;

namespace Cdc.Contracts.Topics;

/// <summary>
/// Encoded records on their way into the log, in order, back to back in one buffer, in the layout <see cref="RecordLayout"/> describes.
/// A record is written in place: <see cref="BeginRecord"/>, the key's bytes, <see cref="EndKey"/>, the value's bytes,
/// <see cref="EndValue"/>, headers, <see cref="EndRecord"/>. Reused after <see cref="Clear"/>; not safe for several threads.
/// </summary>
public sealed class RecordBatch(PartitionTable partitions, int initialBytes = 1 << 16) : IDisposable
{
    private int[] counts = [];
    private int recordStart;
    private int lengthAt;
    private bool isOpen;

    /// <summary>What the slots of this batch's records mean.</summary>
    public PartitionTable Partitions { get; } = partitions;

    /// <summary>The records' bytes; keys and values are written to its end.</summary>
    public PooledBuffer Buffer { get; } = new(initialBytes);

    public int RecordCount { get; private set; }

    public bool IsEmpty => RecordCount == 0;

    /// <summary>How many records a slot has in this batch.</summary>
    public int CountOf(int slot) => slot < counts.Length ? counts[slot] : 0;

    public void BeginRecord(int slot)
    {
        recordStart = Buffer.Length;
        isOpen = true;
        Buffer.WriteInt32(slot);
        lengthAt = Buffer.ReserveInt32();
        Count(slot);
    }

    /// <summary>Ends the key: the bytes since <see cref="BeginRecord"/>, or no key at all.</summary>
    public void EndKey(bool isNull = false) => EndField(isNull);

    /// <summary>Ends the value: the bytes since <see cref="EndKey"/>, or none (a tombstone).</summary>
    public void EndValue(bool isNull = false) => EndField(isNull);

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Buffer.WriteInt32(name.Length);
        Buffer.Write(name);
        Buffer.WriteInt32(value.Length);
        Buffer.Write(value);
    }

    public void EndRecord()
    {
        Buffer.PatchInt32(lengthAt, Buffer.Length - lengthAt - 4);
        RecordCount++;
        isOpen = false;
    }

    /// <summary>A place between two records, for <see cref="BackTo"/>.</summary>
    public int Mark() => Buffer.Length;

    /// <summary>Takes back every record, also one begun and not ended, since <paramref name="mark"/>.</summary>
    public void BackTo(int mark)
    {
        for (var at = mark; at < Buffer.Length;)
        {
            counts[BinaryPrimitives.ReadInt32LittleEndian(Buffer.WrittenSpan[at..])]--;
            if (at == recordStart && isOpen)
                break;
            at += RecordLayout.Read(Buffer.WrittenSpan[at..], out _);
            RecordCount--;
        }

        isOpen = false;
        Buffer.Truncate(mark);
    }

    public void Clear(int keepBytes = int.MaxValue)
    {
        Buffer.Clear(keepBytes);
        Array.Clear(counts);
        RecordCount = 0;
    }

    public void Dispose() => Buffer.Dispose();

    private void EndField(bool isNull)
    {
        Buffer.PatchInt32(lengthAt, isNull ? -1 : Buffer.Length - lengthAt - 4);
        lengthAt = Buffer.ReserveInt32();
    }

    private void Count(int slot)
    {
        if (slot >= counts.Length)
            Array.Resize(ref counts, Math.Max(Partitions.Count, slot + 1));
        counts[slot]++;
    }
}
