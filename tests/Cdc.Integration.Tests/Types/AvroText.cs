using System.Globalization;
using System.Numerics;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Schema;

namespace Cdc.Integration.Tests.Types;

/// <summary>An Avro value as text for comparisons.</summary>
internal static class AvroText
{
    public static string Of(ColumnType type, ReadOnlySpan<byte> avro)
    {
        var reader = new AvroReader(avro);
        var text = Read(type, ref reader);
        Assert.True(reader.IsAtEnd);
        return text;
    }

    private static string Read(ColumnType type, ref AvroReader reader) => type switch
    {
        ColumnType.Boolean => reader.ReadBoolean().ToString(),
        ColumnType.Int16 or ColumnType.Int32 or ColumnType.Int64 or ColumnType.Date or ColumnType.Time or ColumnType.Timestamp =>
            reader.ReadLong().ToString(CultureInfo.InvariantCulture),
        ColumnType.Float32 => reader.ReadFloat().ToString(CultureInfo.InvariantCulture),
        ColumnType.Float64 => reader.ReadDouble().ToString(CultureInfo.InvariantCulture),
        ColumnType.Decimal => Number(reader.ReadBytes()),
        ColumnType.VariableDecimal => ReadVariable(ref reader),
        ColumnType.Bytes or ColumnType.Bits => Convert.ToHexString(reader.ReadBytes()),
        ColumnType.Point => ReadPoint(ref reader),
        ColumnType.Array array => ReadArray(array.Element, ref reader),
        _ => reader.ReadString(),
    };

    private static string Number(ReadOnlySpan<byte> unscaled) =>
        new BigInteger(unscaled, isBigEndian: true).ToString(CultureInfo.InvariantCulture);

    private static string ReadVariable(ref AvroReader reader)
    {
        var scale = reader.ReadInt();
        return FormattableString.Invariant($"{Number(reader.ReadBytes())} scale {scale}");
    }

    private static string ReadPoint(ref AvroReader reader)
    {
        var text = FormattableString.Invariant($"{reader.ReadDouble()};{reader.ReadDouble()}");
        Assert.Equal(0, reader.ReadUnionIndex(2));
        Assert.Equal(0, reader.ReadUnionIndex(2));
        return text;
    }

    private static string ReadArray(ColumnType element, ref AvroReader reader)
    {
        var elements = new List<string>();
        for (var count = reader.ReadBlockCount(); count > 0; count = reader.ReadBlockCount())
        {
            for (; count > 0; count--)
                elements.Add(reader.ReadUnionIndex(2) == 0 ? "null" : Read(element, ref reader));
        }

        return $"[{string.Join('|', elements)}]";
    }
}
