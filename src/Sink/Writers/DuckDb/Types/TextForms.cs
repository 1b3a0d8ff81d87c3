using System.Globalization;
using Cdc.Contracts.Avro;

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>A string of bits as text of 0 and 1, highest bit first.</summary>
internal readonly struct BitsValue(int length) : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var bytes = reader.ReadBytes();
        if (bytes.Length > (length + 7) / 8)
            return false;
        Span<byte> text = length <= 512 ? stackalloc byte[length] : new byte[length];
        for (var i = 0; i < length; i++)
        {
            var isSet = i / 8 < bytes.Length && (bytes[i / 8] >> (i % 8) & 1) != 0;
            text[length - 1 - i] = isSet ? (byte)'1' : (byte)'0';
        }

        slot.Copy(text);
        return length % 8 == 0 || bytes.Length < (length + 7) / 8 || bytes[^1] >> (length % 8) == 0;
    }

    public bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot) => default(TextValue).TryWriteText(utf8, slot);
}

/// <summary>A point as PostgreSQL writes it: <c>(x,y)</c>.</summary>
internal readonly struct PointValue : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var x = reader.ReadDouble();
        var y = reader.ReadDouble();
        Skip(ref reader);
        Span<byte> text = stackalloc byte[80];
        var count = 0;
        text[count++] = (byte)'(';
        count += Format(x, text[count..]);
        text[count++] = (byte)',';
        count += Format(y, text[count..]);
        text[count++] = (byte)')';
        slot.Copy(text[..count]);
        return true;
    }

    public bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot) => default(TextValue).TryWriteText(utf8, slot);

    /// <summary>The record's optional fields: the point once more as WKB, and its reference system.</summary>
    private static void Skip(ref AvroReader reader)
    {
        if (reader.ReadUnionIndex(2) == 1)
            reader.ReadBytes();
        if (reader.ReadUnionIndex(2) == 1)
            reader.ReadInt();
    }

    private static int Format(double value, Span<byte> text)
    {
        value.TryFormat(text, out var count, "R", CultureInfo.InvariantCulture);
        text[..count].Replace((byte)'E', (byte)'e');
        return count;
    }
}
