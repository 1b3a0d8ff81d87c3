using Cdc.Capture.Sources;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Reading;

/// <summary>
/// Decides about each row of a chunk: it is dropped where a streamed transaction that the read could not see has replaced or removed it;
/// where such a change carried some columns only, those are left to it.
/// </summary>
public sealed class ChunkReconciler : IDisposable
{
    private readonly ChunkWindow window;
    private readonly IReadSight sight;
    private readonly TableSchema schema;
    private readonly RereadKeys rereads;
    private readonly PooledBuffer key = new(256);
    private readonly byte[] carried;

    public ChunkReconciler(ChunkWindow window, IReadSight sight)
    {
        this.window = window;
        this.sight = sight;
        schema = window.Chunk.Shape.Schema;
        rereads = window.Chunk.Table.Rereads;
        carried = new byte[(schema.Columns.Length + 7) / 8];
    }

    /// <summary>Whether the row is published; columns that a later change carried become unchanged in it.</summary>
    /// <param name="row">The bytes that the columns are slices of.</param>
    public bool Keeps(ReadOnlySpan<byte> row, Span<ColumnSlice> columns)
    {
        if (window.Changes.Count == 0 && rereads.Count == 0)
            return true;
        KeyText.Write(schema, new RowImage(row, columns), key);
        var text = key.WrittenSpan;
        carried.AsSpan().Clear();
        for (var change = window.Changes.First(text); change >= 0; change = window.Changes.Next(change, text))
        {
            if (sight.Sees(window.Changes.TransactionOf(change)))
                continue;
            var columnsOf = window.Changes.CarriedBy(change);
            if (columnsOf.IsEmpty)
                return false;
            for (var i = 0; i < carried.Length; i++)
                carried[i] |= columnsOf[i];
        }

        LeaveCarried(columns);
        rereads.Remove(text);
        return true;
    }

    public void Dispose() => key.Dispose();

    private void LeaveCarried(Span<ColumnSlice> columns)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if ((carried[i / 8] >> (i % 8) & 1) == 1 && !schema.Key.Contains(i))
                columns[i] = ColumnSlice.Unchanged;
        }
    }
}
