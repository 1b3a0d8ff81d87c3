using System.Text;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>A query's rows, one after the other. Columns are VARCHAR or BIGINT: the statement casts to these.</summary>
internal sealed unsafe class DuckDbRows(DuckDBResult result) : IDisposable
{
    private DuckDBResult result = result;
    private DuckDBDataChunk? chunk;
    private int size;
    private int row;

    public bool Read()
    {
        if (++row < size)
            return true;
        chunk?.Dispose();
        chunk = NativeMethods.Query.DuckDBFetchChunk(result);
        size = chunk.IsInvalid ? 0 : (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);
        row = 0;
        return size > 0;
    }

    public string? Text(int column)
    {
        var vector = Vector(column);
        return IsNull(vector) ? null : Encoding.UTF8.GetString(((TextCell*)NativeMethods.Vectors.DuckDBVectorGetData(vector))[row].Bytes);
    }

    public long? Number(int column)
    {
        var vector = Vector(column);
        return IsNull(vector) ? null : ((long*)NativeMethods.Vectors.DuckDBVectorGetData(vector))[row];
    }

    public void Dispose()
    {
        chunk?.Dispose();
        result.Close();
    }

    private nint Vector(int column) => NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk!, column);

    private bool IsNull(nint vector)
    {
        var validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        return validity is not null && (validity[row >> 6] >> (row & 63) & 1) == 0;
    }
}
