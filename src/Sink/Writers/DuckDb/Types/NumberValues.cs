using System.Buffers;
using System.Buffers.Binary;
using Cdc.Contracts.Avro;

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>DECIMAL: the unscaled number in 16, 32, 64 or 128 bits, by its precision.</summary>
internal readonly unsafe struct DecimalValue(int precision) : IValueWriter
{
    private readonly UInt128 limit = PowerOfTen(precision);

    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        if (!TryReadInt128(reader.ReadBytes(), out var value) || UInt128.CreateTruncating(Int128.Abs(value)) >= limit)
            return false;
        switch (precision)
        {
            case <= 4:
                *slot.As<short>() = (short)value;
                break;
            case <= 9:
                *slot.As<int>() = (int)value;
                break;
            case <= 18:
                *slot.As<long>() = (long)value;
                break;
            default:
                *slot.As<Int128>() = value;
                break;
        }

        return true;
    }

    /// <summary>Two's complement, highest byte first; longer than 16 bytes only by bytes that repeat the sign.</summary>
    internal static bool TryReadInt128(ReadOnlySpan<byte> bytes, out Int128 value)
    {
        value = 0;
        if (bytes.IsEmpty)
            return false;
        var sign = (sbyte)bytes[0] < 0 ? (byte)0xff : (byte)0;
        while (bytes.Length > 16 && bytes[0] == sign)
            bytes = bytes[1..];
        if (bytes.Length > 16 || ((bytes[0] ^ sign) & 0x80) != 0)
            return false;
        Span<byte> whole = stackalloc byte[16];
        whole.Fill(sign);
        bytes.CopyTo(whole[(16 - bytes.Length)..]);
        value = BinaryPrimitives.ReadInt128BigEndian(whole);
        return value != Int128.MinValue;
    }

    private static UInt128 PowerOfTen(int exponent)
    {
        var power = UInt128.One;
        for (var i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}

/// <summary>A number of fixed scale and more digits than DECIMAL has, as text; what is no number at all came as text already.</summary>
internal readonly struct WideDecimalValue(int scale) : IValueWriter
{
    private readonly ArrayBufferWriter<byte> scratch = new(64);

    public bool TryWrite(ref AvroReader reader, VectorCell slot) => DecimalText.TryWrite(reader.ReadBytes(), scale, scratch, slot);

    public bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot) => default(TextValue).TryWriteText(utf8, slot);
}

/// <summary>A number with its own scale, as text.</summary>
internal readonly struct VariableDecimalValue() : IValueWriter
{
    private readonly ArrayBufferWriter<byte> scratch = new(64);

    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var scale = reader.ReadInt();
        return DecimalText.TryWrite(reader.ReadBytes(), scale, scratch, slot);
    }

    public bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot) => default(TextValue).TryWriteText(utf8, slot);
}
