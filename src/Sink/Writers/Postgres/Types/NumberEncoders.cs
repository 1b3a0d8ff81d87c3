using System.Buffers.Binary;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

internal sealed class BooleanEncoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) => CopyField.WriteBoolean(target, source.ReadBoolean());
}

internal sealed class Int16Encoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var value = source.ReadLong();
        if (value != (short)value)
            throw place.Refuse("a number beyond 16 bits");
        CopyField.WriteInt16(target, (short)value);
    }
}

internal sealed class Int32Encoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) => CopyField.WriteInt32(target, source.ReadInt());
}

internal sealed class Int64Encoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) => CopyField.WriteInt64(target, source.ReadLong());
}

/// <summary><c>oid</c>: 32 bits without sign.</summary>
internal sealed class OidEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var value = source.ReadLong();
        if (value != (uint)value)
            throw place.Refuse("a number beyond 32 bits without sign");
        CopyField.WriteInt32(target, unchecked((int)value));
    }
}

internal sealed class Float32Encoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) =>
        CopyField.WriteInt32(target, BitConverter.SingleToInt32Bits(source.ReadFloat()));
}

internal sealed class Float64Encoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) =>
        CopyField.WriteInt64(target, BitConverter.DoubleToInt64Bits(source.ReadDouble()));
}

/// <summary><c>point</c>: two doubles; what Debezium adds to them (<c>wkb</c>, <c>srid</c>) says the same again.</summary>
internal sealed class PointEncoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var span = target.GetSpan(20);
        BinaryPrimitives.WriteInt32BigEndian(span, 16);
        BinaryPrimitives.WriteDoubleBigEndian(span[4..], source.ReadDouble());
        BinaryPrimitives.WriteDoubleBigEndian(span[12..], source.ReadDouble());
        target.Advance(20);
        if (source.ReadUnionIndex(2) == 1)
            source.ReadBytes();
        if (source.ReadUnionIndex(2) == 1)
            source.ReadInt();
    }
}
