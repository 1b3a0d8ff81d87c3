using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Batching;

/// <summary>
/// From a key's encoded bytes to the number of its row: an open-addressed table whose keys lie back to back in one buffer, so that a batch
/// costs no object per key.
/// </summary>
public sealed class KeyIndex : IDisposable
{
    private const int Free = -1;

    private readonly PooledBuffer keys = new(1 << 10);
    private Entry[] entries = new Entry[32];
    private int[] buckets = NewBuckets(64);

    public int Count { get; private set; }

    /// <summary>Memory the keys take, in bytes.</summary>
    public long Bytes => keys.Length + (long)Count * 24;

    /// <summary>Memory held, in bytes, whether or not anything lies in it.</summary>
    public long Capacity => keys.Capacity + (long)entries.Length * Unsafe.SizeOf<Entry>() + (long)buckets.Length * sizeof(int);

    /// <summary>The row of the key; where it is new, <paramref name="newRow"/> is noted for it.</summary>
    public int GetOrAdd(ReadOnlySpan<byte> key, int newRow, out bool added)
    {
        var hash = Hash(key);
        var mask = buckets.Length - 1;
        for (var bucket = (int)hash & mask; ; bucket = (bucket + 1) & mask)
        {
            var at = buckets[bucket];
            if (at == Free)
            {
                buckets[bucket] = Count;
                Add(key, hash, newRow);
                added = true;
                return newRow;
            }

            ref readonly var entry = ref entries[at];
            if (entry.Hash == hash && keys.Slice(entry.Offset, entry.Length).SequenceEqual(key))
            {
                added = false;
                return entry.Row;
            }
        }
    }

    public void Clear()
    {
        keys.Clear();
        Array.Fill(buckets, Free);
        Count = 0;
    }

    public void Dispose() => keys.Dispose();

    private void Add(ReadOnlySpan<byte> key, uint hash, int row)
    {
        if (Count == entries.Length)
            Array.Resize(ref entries, 2 * entries.Length);
        entries[Count++] = new Entry(hash, keys.Length, key.Length, row);
        keys.Write(key);
        if (Count * 2 > buckets.Length)
            Rehash();
    }

    private void Rehash()
    {
        buckets = NewBuckets(2 * buckets.Length);
        var mask = buckets.Length - 1;
        for (var i = 0; i < Count; i++)
        {
            var bucket = (int)entries[i].Hash & mask;
            while (buckets[bucket] != Free)
                bucket = (bucket + 1) & mask;
            buckets[bucket] = i;
        }
    }

    private static int[] NewBuckets(int size)
    {
        var fresh = new int[size];
        Array.Fill(fresh, Free);
        return fresh;
    }

    /// <summary>
    /// Multiply and rotate over words of 8 bytes: keys are short, and an attacker gains no more than a slow batch bounded in rows.
    /// </summary>
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)key.Length * Multiplier;
        var words = MemoryMarshal.Cast<byte, ulong>(key);
        foreach (var word in words)
            hash = BitOperations.RotateLeft((hash ^ word) * Multiplier, 29);
        ulong rest = 0;
        foreach (var next in key[(words.Length * 8)..])
            rest = (rest << 8) | next;
        hash = (hash ^ rest) * Multiplier;
        return (uint)(hash >> 32) ^ (uint)hash;
    }

    private readonly record struct Entry(uint Hash, int Offset, int Length, int Row);
}
