using System.Buffers.Binary;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>
/// One column's way from Avro to a field of a binary COPY: four bytes of length, then the type's binary form, numbers big-endian
/// (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; the forms are the types' receive functions).
/// </summary>
internal abstract class ColumnEncoder
{
    /// <summary>Reads one value, which is not null, and writes its field.</summary>
    public abstract void Write(ref AvroReader source, PooledBuffer target);

    protected static void WriteField(PooledBuffer target, ReadOnlySpan<byte> value)
    {
        var span = target.GetSpan(4 + value.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, value.Length);
        value.CopyTo(span[4..]);
        target.Advance(4 + value.Length);
    }
}
