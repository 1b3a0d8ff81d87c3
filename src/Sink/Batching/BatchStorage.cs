using System.Runtime.CompilerServices;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;

namespace Cdc.Sink.Batching;

/// <summary>The memory of one table's rows while they are gathered and written: it grows with them, and fits any table's.</summary>
public sealed class BatchStorage : IDisposable
{
    /// <summary>A batch may hold rows of very many tables: of one that has a few it costs little.</summary>
    private const int FirstBytes = 4 << 10;
    private const int FirstSlices = 128;

    /// <summary>The columns' values.</summary>
    public PooledBuffer Bytes { get; } = new(FirstBytes);

    public List<BatchRow> Rows { get; } = [];

    /// <summary>Where each row's columns lie, row after row.</summary>
    public ColumnSlice[] Slices { get; private set; } = new ColumnSlice[FirstSlices];

    /// <summary>The rows by their keys.</summary>
    public KeyIndex Keys { get; } = new();

    /// <summary>Memory held, in bytes, whether or not anything lies in it.</summary>
    public long Capacity => Bytes.Capacity + Keys.Capacity + (long)Rows.Capacity * Unsafe.SizeOf<BatchRow>() + (long)Slices.Length
        * Unsafe.SizeOf<ColumnSlice>();

    /// <summary>Makes room for so many slices; those that were there stay.</summary>
    public ColumnSlice[] GrowSlices(int count)
    {
        var larger = new ColumnSlice[Math.Max(2 * Slices.Length, count)];
        Slices.CopyTo(larger, 0);
        return Slices = larger;
    }

    /// <summary>Forgets what lies in it; the memory stays.</summary>
    public void Clear()
    {
        Bytes.Clear();
        Rows.Clear();
        Keys.Clear();
    }

    public void Dispose()
    {
        Bytes.Dispose();
        Keys.Dispose();
    }
}
