using System.Globalization;
using System.Numerics;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Schema;

namespace Cdc.Integration.Tests.Writers;

/// <summary>Values as tests write them, in Avro.</summary>
public static class AvroValues
{
    public static void Write(AvroWriter writer, ColumnType type, object value)
    {
        switch (type)
        {
            case ColumnType.Boolean:
                writer.WriteBoolean((bool)value);
                break;
            case ColumnType.Int16 or ColumnType.Int32 or ColumnType.Int64 or ColumnType.Date or ColumnType.Time or ColumnType.Timestamp:
                writer.WriteLong(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ColumnType.Float32:
                writer.WriteFloat((float)value);
                break;
            case ColumnType.Float64:
                writer.WriteDouble((double)value);
                break;
            case ColumnType.Decimal:
                writer.WriteBytes(Unscaled((string)value).Unscaled.ToByteArray(isBigEndian: true));
                break;
            case ColumnType.VariableDecimal:
                var (unscaled, scale) = Unscaled((string)value);
                writer.WriteInt(scale);
                writer.WriteBytes(unscaled.ToByteArray(isBigEndian: true));
                break;
            case ColumnType.Bytes or ColumnType.Bits:
                writer.WriteBytes((byte[])value);
                break;
            case ColumnType.Point:
                var (x, y) = ((double, double))value;
                writer.WriteDouble(x);
                writer.WriteDouble(y);
                writer.WriteUnionIndex(0);
                writer.WriteUnionIndex(0);
                break;
            case ColumnType.Array array:
                WriteArray(writer, array.Element, (object?[])value);
                break;
            default:
                writer.WriteString((string)value);
                break;
        }
    }

    private static void WriteArray(AvroWriter writer, ColumnType element, object?[] values)
    {
        if (values.Length > 0)
            writer.WriteBlockCount(values.Length);
        foreach (var value in values)
        {
            writer.WriteUnionIndex(value is null ? 0 : 1);
            if (value is not null)
                Write(writer, element, value);
        }

        writer.WriteBlockCount(0);
    }

    private static (BigInteger Unscaled, int Scale) Unscaled(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = text.Replace(".", "", StringComparison.Ordinal);
        return (BigInteger.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), point < 0 ? 0
            : text.Length - point - 1);
    }
}
