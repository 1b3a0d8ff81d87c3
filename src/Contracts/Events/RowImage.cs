namespace Cdc.Contracts.Events;

/// <summary>
/// One row as slices of a buffer it does not own: valid until the buffer's owner moves on. In Capture the bytes are the source's,
/// in Sink they are Avro's; the table's plan knows which. Empty means there is no image.
/// </summary>
public readonly ref struct RowImage(ReadOnlySpan<byte> buffer, ReadOnlySpan<ColumnSlice> columns)
{
    private readonly ReadOnlySpan<byte> buffer = buffer;

    public ReadOnlySpan<ColumnSlice> Columns { get; } = columns;

    public bool IsEmpty => Columns.IsEmpty;

    /// <summary>The bytes of a column; empty for null and unchanged, so look at <see cref="State"/> first.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var slice = Columns[column];
        return buffer.Slice(slice.Offset, slice.Length);
    }

    /// <summary>Other slices of the same buffer.</summary>
    public RowImage With(ReadOnlySpan<ColumnSlice> columns) => new(buffer, columns);

    public ColumnState State(int column) => Columns[column].State;
}
