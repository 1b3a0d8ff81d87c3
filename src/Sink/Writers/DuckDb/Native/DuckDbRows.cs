using System.Text;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>A query's rows, one after the other. Columns are VARCHAR or BIGINT: the statement casts to these.</summary>
internal sealed unsafe class DuckDbRows(ResultHandle result) : IDisposable
{
    private ChunkHandle? chunk;
    private int size;
    private int row;

    public bool Read()
    {
        if (++row < size)
            return true;
        chunk?.Dispose();
        chunk = NativeMethods.FetchChunk(result.Value);
        size = chunk.IsInvalid ? 0 : (int)NativeMethods.ChunkSize(chunk);
        row = 0;
        return size > 0;
    }

    public string? Text(int column)
    {
        var vector = NativeMethods.ChunkVector(chunk!, (ulong)column);
        return IsNull(vector) ? null : Encoding.UTF8.GetString(((TextCell*)NativeMethods.VectorValues(vector))[row].Bytes);
    }

    public long? Number(int column)
    {
        var vector = NativeMethods.ChunkVector(chunk!, (ulong)column);
        return IsNull(vector) ? null : ((long*)NativeMethods.VectorValues(vector))[row];
    }

    public void Dispose()
    {
        chunk?.Dispose();
        result.Dispose();
    }

    private bool IsNull(nint vector)
    {
        var validity = NativeMethods.VectorValidity(vector);
        return validity is not null && (validity[row >> 6] >> (row & 63) & 1) == 0;
    }
}
