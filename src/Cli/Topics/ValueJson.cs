using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Cli.Topics;

/// <summary>
/// Writes a column's value as JSON. What JSON has is written so: truth values, whole numbers, floating numbers, arrays. All else is the
/// text that people expect, and no value loses anything: decimals with all their digits, bytes in hexadecimal digits.
/// </summary>
/// <param name="cut">Longer texts are cut at so many characters, longer arrays at so many elements; null: never.</param>
internal sealed class ValueJson(Utf8JsonWriter writer, int? cut)
{
    private const long Infinity = 9223372036825200000;
    private const long MinusInfinity = -9223372036832400000;

    // PostgreSQL's most: a larger scale is not a number but an attack on memory.
    private const int MostScale = 16_383;
    private const int LeastScale = -131_072;

    public void Write(ColumnType type, ReadOnlySpan<byte> avro)
    {
        var reader = new AvroReader(avro);
        Write(type, ref reader);
        if (!reader.IsAtEnd)
            throw new CdcException(ErrorCodes.AvroMalformed,
                $"Reading a value of type '{type.GetType().Name}', bytes are left after its end.");
    }

    /// <summary>A value that came as text.</summary>
    public void WriteText(string text)
    {
        if (cut is { } most && text.Length > most)
        {
            var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
            text = string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, end)}… ({text.Length:#,0} characters)");
        }

        writer.WriteStringValue(text);
    }

    private void Write(ColumnType type, ref AvroReader reader)
    {
        switch (type)
        {
            case ColumnType.Boolean:
                writer.WriteBooleanValue(reader.ReadBoolean());
                break;
            case ColumnType.Int16 or ColumnType.Int32 or ColumnType.Int64:
                writer.WriteNumberValue(reader.ReadLong());
                break;
            case ColumnType.Float32:
                Write(reader.ReadFloat());
                break;
            case ColumnType.Float64:
                Write(reader.ReadDouble());
                break;
            case ColumnType.Array array:
                WriteArray(array.Element, ref reader);
                break;
            default:
                WriteText(TextOf(type, ref reader));
                break;
        }
    }

    private static string TextOf(ColumnType type, ref AvroReader reader)
    {
        switch (type)
        {
            case ColumnType.Decimal number:
                return DecimalText(reader.ReadBytes(), number.Scale);
            case ColumnType.VariableDecimal:
                var scale = reader.ReadInt();
                return DecimalText(reader.ReadBytes(), scale);
            case ColumnType.Bytes:
                return @"\x" + Convert.ToHexStringLower(reader.ReadBytes());
            case ColumnType.Date:
                return reader.ReadInt() switch { int.MaxValue => "infinity", int.MinValue => "-infinity", var days =>
                    CalendarText.Date(days) };
            case ColumnType.Time time:
                return CalendarText.Time(Math.Max(reader.ReadLong(), 0) * Unit(time.Digits), time.Digits);
            case ColumnType.Timestamp time:
                return Timestamp(reader.ReadLong(), time.Digits);
            case ColumnType.Bits bits:
                return BitsText(reader.ReadBytes(), bits.Length);
            case ColumnType.Point:
                return PointText(ref reader);
            case ColumnType.Text or ColumnType.ZonedTimestamp or ColumnType.ZonedTime or ColumnType.Interval or ColumnType.Json
                or ColumnType.Xml
                or ColumnType.Uuid or ColumnType.LabelTree or ColumnType.TextSearchVector or ColumnType.Enum:
                return reader.ReadString();
            default:
                throw new CdcException(ErrorCodes.Internal, $"A value of type '{type.GetType().Name}' has no text."); // Invariant 4
        }
    }

    private void Write(double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    private void Write(float value)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    private void WriteArray(ColumnType element, ref AvroReader reader)
    {
        writer.WriteStartArray();
        using var passed = new Utf8JsonWriter(Stream.Null);
        var beyond = new ValueJson(passed, cut);
        var number = 0;
        while (reader.ReadBlockCount() is > 0 and var count)
        {
            for (; count > 0; count--, number++)
            {
                var target = number < (cut ?? int.MaxValue) ? this : beyond;
                if (target == beyond)
                    passed.Reset();
                if (reader.ReadUnionIndex(2) == 0)
                    target.WriteNull();
                else
                    target.Write(element, ref reader);
            }
        }

        if (number > cut)
            writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"… ({number:#,0} elements)"));
        writer.WriteEndArray();
    }

    private void WriteNull() => writer.WriteNullValue();

    private static int Unit(int digits) => digits <= 3 ? 1000 : 1;

    private static string Timestamp(long value, int digits)
    {
        var unit = Unit(digits);
        return value == Infinity / unit ? "infinity" : value == MinusInfinity / unit ? "-infinity"
            : value > long.MaxValue / unit || value < long.MinValue / unit
            ? throw new CdcException(ErrorCodes.AvroMalformed, "Reading a timestamp, it does not fit 64 bits of microseconds.")
            : CalendarText.Timestamp(value * unit, digits);
    }

    /// <summary>Two's complement, highest byte first, with as many fractional digits as the scale says.</summary>
    private static string DecimalText(ReadOnlySpan<byte> unscaled, int scale)
    {
        if (unscaled.IsEmpty || scale is < LeastScale or > MostScale)
            throw new CdcException(ErrorCodes.AvroMalformed,
                FormattableString.Invariant(
                    $"Reading a decimal of {unscaled.Length} bytes, its scale {scale} is beyond all bounds, or it has no digits."));
        var number = new BigInteger(unscaled, isBigEndian: true);
        var digits = BigInteger.Abs(number).ToString(CultureInfo.InvariantCulture);
        if (scale > 0)
        {
            digits = digits.PadLeft(scale + 1, '0');
            digits = $"{digits.AsSpan(0, digits.Length - scale)}.{digits.AsSpan(digits.Length - scale)}";
        }
        else if (!number.IsZero)
        {
            digits += new string('0', -scale);
        }

        return number.Sign < 0 ? "-" + digits : digits;
    }

    /// <summary>Highest bit first; the bytes hold the lowest first.</summary>
    private static string BitsText(ReadOnlySpan<byte> bytes, int length)
    {
        var text = new StringBuilder(Math.Min(length, 8 * bytes.Length));
        for (var i = length - 1; i >= 0; i--)
            text.Append(i / 8 < bytes.Length && (bytes[i / 8] >> (i % 8) & 1) != 0 ? '1' : '0');
        return text.ToString();
    }

    private static string PointText(ref AvroReader reader)
    {
        var text = FormattableString.Invariant($"({reader.ReadDouble()},{reader.ReadDouble()})");
        if (reader.ReadUnionIndex(2) == 1)
            reader.ReadBytes();
        if (reader.ReadUnionIndex(2) == 1)
            reader.ReadInt();
        return text;
    }
}
