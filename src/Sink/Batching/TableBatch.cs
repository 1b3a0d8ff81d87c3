using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Sink.Batching;

/// <summary>What becomes of a key.</summary>
public enum RowChange : byte
{
    /// <summary>The row is inserted, or updated where the key exists; unchanged columns keep the target's value.</summary>
    Upsert,

    /// <summary>
    /// The row is inserted, and whatever the target has under the key is replaced as a whole; unchanged columns become null.
    /// </summary>
    Replace,

    /// <summary>The row is removed. Only its key columns hold values.</summary>
    Delete,
}

/// <summary>One row of a batch, beside its columns.</summary>
/// <param name="CommittedAt">When the source committed the change, in microseconds since 1970.</param>
/// <param name="HasUnchanged">Some column is <see cref="ColumnState.Unchanged"/>.</param>
public readonly record struct BatchRow(RowChange Change, int Partition, long Offset, long CommittedAt, bool HasUnchanged);

/// <summary>
/// Rows for one table under one schema, at most one per key where the table has one: column values are slices of Avro (without the
/// union's branch) in one buffer, row by row. Every row lists all columns of <see cref="Schema"/>. The storage is empty at first, and the
/// batch's alone.
/// </summary>
public sealed class TableBatch(TableSchema schema, BatchStorage storage)
{
    private readonly PooledBuffer bytes = storage.Bytes;
    private readonly List<BatchRow> rows = storage.Rows;
    private ColumnSlice[] slices = storage.Slices;

    public TableSchema Schema { get; } = schema;

    public int Count => rows.Count;

    /// <summary>Memory the rows take, in bytes.</summary>
    public long Bytes => bytes.Length + (long)rows.Count * (Schema.Columns.Length * 12 + 40);

    /// <summary>Some column of some row is <see cref="ColumnState.Exact"/>, or was before a later state replaced it.</summary>
    public bool HasExact { get; private set; }

    public BatchRow this[int row] => rows[row];

    /// <summary>What the slices of all rows point into; valid until rows are added.</summary>
    public ReadOnlySpan<byte> Buffer => bytes.WrittenSpan;

    /// <summary>The columns of all rows, row after row; valid until rows are added.</summary>
    public ReadOnlySpan<ColumnSlice> Columns => slices.AsSpan(0, rows.Count * Schema.Columns.Length);

    /// <summary>A row's columns; slices of this batch, valid until rows are added.</summary>
    public RowImage Image(int row) => new(bytes.WrittenSpan, Slices(row));

    /// <summary>Adds a row whose image is copied; answers with its number.</summary>
    public int Add(BatchRow row, RowImage image)
    {
        var number = rows.Count;
        rows.Add(row);
        if (rows.Count * Schema.Columns.Length > slices.Length)
            slices = storage.GrowSlices(rows.Count * Schema.Columns.Length);
        Copy(image, Slices(number));
        return number;
    }

    /// <summary>
    /// Puts a later state over a row. Where the later image has a column unchanged and <paramref name="fill"/> says so, the earlier value
    /// stays, a value or its exact text alike.
    /// </summary>
    public void Replace(int number, BatchRow row, RowImage image, FillUnchanged fill)
    {
        var target = Slices(number);
        if (fill == FillUnchanged.FromEarlier)
        {
            Span<ColumnSlice> earlier = target.Length <= 256 ? stackalloc ColumnSlice[target.Length] : new ColumnSlice[target.Length];
            target.CopyTo(earlier);
            Copy(image, target);
            for (var i = 0; i < target.Length; i++)
            {
                if (target[i].State == ColumnState.Unchanged)
                    target[i] = earlier[i];
            }
        }
        else
        {
            Copy(image, target);
        }

        rows[number] = row with { HasUnchanged = HasUnchanged(target) };
    }

    /// <summary>The longest value of all rows: its column's number and its bytes. Looks at every value.</summary>
    public (int Column, int Bytes) FindLargest()
    {
        var largest = (Column: 0, Bytes: 0);
        var columns = Columns;
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].State is ColumnState.Value or ColumnState.Exact && columns[i].Length > largest.Bytes)
                largest = (i % Schema.Columns.Length, columns[i].Length);
        }

        return largest;
    }

    private Span<ColumnSlice> Slices(int row) => slices.AsSpan(row * Schema.Columns.Length, Schema.Columns.Length);

    private void Copy(RowImage image, Span<ColumnSlice> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var slice = image.Columns[i];
            if (slice.State is ColumnState.Value or ColumnState.Exact)
            {
                slice = slice with { Offset = bytes.Length };
                bytes.Write(image.Bytes(i));
                HasExact |= slice.State == ColumnState.Exact;
            }

            target[i] = slice;
        }
    }

    private static bool HasUnchanged(ReadOnlySpan<ColumnSlice> columns)
    {
        foreach (var column in columns)
        {
            if (column.State == ColumnState.Unchanged)
                return true;
        }

        return false;
    }
}

/// <summary>What fills the columns a later image did not send.</summary>
public enum FillUnchanged
{
    /// <summary>Nothing: a delete came between.</summary>
    Nothing,

    /// <summary>The earlier state of the same key.</summary>
    FromEarlier,
}
