using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Unicode;
using Cdc.Contracts.Avro;

namespace Cdc.Sink.Writers.DuckDb.Types;

internal readonly unsafe struct BooleanValue : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        *slot.As<byte>() = reader.ReadBoolean() ? (byte)1 : (byte)0;
        return true;
    }
}

internal readonly unsafe struct Int16Value : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var value = reader.ReadInt();
        *slot.As<short>() = unchecked((short)value);
        return value is >= short.MinValue and <= short.MaxValue;
    }
}

internal readonly unsafe struct Int32Value : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        *slot.As<int>() = reader.ReadInt();
        return true;
    }
}

internal readonly unsafe struct Int64Value : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        *slot.As<long>() = reader.ReadLong();
        return true;
    }
}

internal readonly unsafe struct Float32Value : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var value = reader.ReadFloat();
        *slot.As<float>() = float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(0x7fc00000) : value; // DuckDB prints the sign of a NaN.
        return true;
    }
}

internal readonly unsafe struct Float64Value : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var value = reader.ReadDouble();
        *slot.As<double>() = double.IsNaN(value) ? BitConverter.UInt64BitsToDouble(0x7ff8000000000000) : value;
        return true;
    }
}

/// <summary>VARCHAR and JSON. DuckDB trusts the bytes of a vector, so that they are UTF-8 is checked here.</summary>
internal readonly struct TextValue : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot) => TryWriteText(reader.ReadBytes(), slot);

    public bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot)
    {
        if (!Utf8.IsValid(utf8))
            return false;
        slot.Refer(utf8);
        return true;
    }
}

internal readonly struct BytesValue : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        slot.Refer(reader.ReadBytes());
        return true;
    }
}

/// <summary>UUID: 16 bytes as one number whose highest bit is turned over, so that numbers sort as texts do.</summary>
internal readonly unsafe struct UuidValue : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot) => TryWriteText(reader.ReadBytes(), slot);

    public bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot)
    {
        if (!Utf8Parser.TryParse(utf8, out Guid value, out var consumed) || consumed != utf8.Length)
            return false;
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        *slot.As<UInt128>() = BinaryPrimitives.ReadUInt128BigEndian(bytes) ^ (UInt128.One << 127);
        return true;
    }
}
