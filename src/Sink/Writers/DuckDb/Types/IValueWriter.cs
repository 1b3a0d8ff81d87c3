using Cdc.Contracts.Avro;
using Cdc.Sink.Writers.DuckDb.Native;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>
/// How one type's values go from Avro into a vector. Implemented by structs, so that each column's loop is compiled for its own.
/// </summary>
internal interface IValueWriter
{
    /// <summary>
    /// Reads the next value and puts it into the slot; false where DuckDB's type has no such value. The reader's bytes stay where they
    /// are until DuckDB has taken the chunk.
    /// </summary>
    bool TryWrite(ref AvroReader reader, VectorCell slot);

    /// <summary>Puts a value that came as its canonical text into the slot; false where DuckDB's type has no such value.</summary>
    bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot) => false;
}

/// <summary>One row's place in a vector.</summary>
internal readonly unsafe ref struct VectorCell(nint vector, byte* values, int index)
{
    public T* As<T>()
        where T : unmanaged => (T*)values + index;

    /// <summary>Refers to text, or bytes, that stay where they are until DuckDB has taken the chunk.</summary>
    public void Refer(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* place = bytes)
            As<TextCell>()->Refer(place, bytes.Length);
    }

    /// <summary>Copies text into memory of the vector's.</summary>
    public void Copy(ReadOnlySpan<byte> utf8)
    {
        fixed (byte* place = utf8)
            NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(vector, (ulong)index, place, utf8.Length);
    }
}
