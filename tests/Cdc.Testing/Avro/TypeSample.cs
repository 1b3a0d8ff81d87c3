using System.Collections.Immutable;
using System.Globalization;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Schema;

namespace Cdc.Testing.Avro;

/// <summary>A value of a type: what writes it, and how an independent reader prints it (long as text, bytes as <c>hex:…</c>).</summary>
public sealed record SampleValue(WriteValue Write, string Json);

/// <summary>A column type with some values of it; <see cref="All"/> has every member of the family.</summary>
public sealed record TypeSample(string Name, ColumnType Type, string SourceType, ImmutableArray<SampleValue> Values)
{
    public static ImmutableArray<TypeSample> All { get; } =
    [
        new("boolean", new ColumnType.Boolean(), "boolean",
            [new(w => w.WriteBoolean(true), "true"), new(w => w.WriteBoolean(false), "false")]),
        new("int16", new ColumnType.Int16(), "smallint", [Int(short.MinValue), Int(0), Int(short.MaxValue)]),
        new("int32", new ColumnType.Int32(), "integer", [Int(int.MinValue), Int(-1), Int(int.MaxValue)]),
        new("int64", new ColumnType.Int64(), "bigint", [Long(long.MinValue), Long((1L << 53) + 1), Long(long.MaxValue)]),
        new("float32", new ColumnType.Float32(), "real",
            [new(w => w.WriteFloat(1.5f), "1.5"), new(w => w.WriteFloat(float.NaN), "\"NaN\""),
                new(w => w.WriteFloat(float.NegativeInfinity), "\"-Infinity\"")]),
        new("float64", new ColumnType.Float64(), "double precision",
            [new(w => w.WriteDouble(0.1), "0.1"), new(w => w.WriteDouble(double.Epsilon), "5e-324"),
                new(w => w.WriteDouble(double.NaN), "\"NaN\"")]),
        new("decimal", new ColumnType.Decimal(38, 4), "numeric(38,4)",
            [Bytes("00"), Bytes("ff"), Bytes("0102030405060708090a0b0c0d0e0f10")]),
        new("variable_decimal", new ColumnType.VariableDecimal(), "numeric",
            [new(w => Scaled(w, 3, [0]), """{"scale":3,"value":"hex:00"}"""),
                new(w => Scaled(w, -2, [0x80]), """{"scale":-2,"value":"hex:80"}""")]),
        new("text", new ColumnType.Text(), "character varying(20)", [Text(""), Text("Grüße 漢字 😀 \" \\")]),
        new("bytes", new ColumnType.Bytes(), "bytea", [Bytes(""), Bytes("00ff10")]),
        new("date", new ColumnType.Date(), "date", [Int(19_000), Int(int.MaxValue), Int(int.MinValue)]),
        new("time_milli", new ColumnType.Time(3), "time(3) without time zone", [Int(86_399_999), Int(86_400_000)]),
        new("time_micro", new ColumnType.Time(6), "time without time zone", [Long(0), Long(86_400_000_000)]),
        new("timestamp_milli", new ColumnType.Timestamp(0), "timestamp(0) without time zone",
            [Long(-62_135_596_800_000), Long(9_223_372_036_825_200)]),
        new("timestamp_micro", new ColumnType.Timestamp(6), "timestamp without time zone",
            [Long(1_700_000_000_123_456), Long(9_223_372_036_825_200_000)]),
        new("zoned_timestamp", new ColumnType.ZonedTimestamp(6), "timestamp with time zone",
            [Text("2024-02-29T23:59:59.123456Z"), Text("-infinity")]),
        new("zoned_time", new ColumnType.ZonedTime(2), "time(2) with time zone", [Text("24:00:00.00+02:00")]),
        new("interval", new ColumnType.Interval(), "interval", [Text("P1Y2M3DT4H5M6.789S")]),
        new("json", new ColumnType.Json(), "jsonb", [Text("""{"a": [1, null]}""")]),
        new("xml", new ColumnType.Xml(), "xml", [Text("<a>&amp;</a>")]),
        new("uuid", new ColumnType.Uuid(), "uuid", [Text("123e4567-e89b-12d3-a456-426614174000")]),
        new("label_tree", new ColumnType.LabelTree(), "ltree", [Text("Top.Science")]),
        new("text_search_vector", new ColumnType.TextSearchVector(), "tsvector", [Text("'cat':3 'fat':2")]),
        new("enum", new ColumnType.Enum(["sad", "ok", "happy"]), "public.mood", [Text("ok")]),
        new("enum_commas", new ColumnType.Enum(["a,b", "c", ""]), "public.odd", [Text("a,b")]),
        new("enum_empty", new ColumnType.Enum([]), "public.none", []),
        new("bits", new ColumnType.Bits(10), "bit(10)", [Bytes("ff03")]),
        new("point", new ColumnType.Point(), "point", [new(Point, """{"x":1.5,"y":-2,"wkb":null,"srid":null}""")]),
        new("array_int", new ColumnType.Array(new ColumnType.Int32()), "integer[]",
            [new(IntArray, "[1,null,-3]"), new(w => w.WriteBlockCount(0), "[]")]),
        new("array_decimal", new ColumnType.Array(new ColumnType.Decimal(10, 2)), "numeric(10,2)[]",
            [new(w => One(w, Bytes("7b")), "[\"hex:7b\"]")]),
        new("array_variable_decimal", new ColumnType.Array(new ColumnType.VariableDecimal()), "numeric[]",
            [new(w => One(w, new SampleValue(v => Scaled(v, 1, [5]), "")), """[{"scale":1,"value":"hex:05"}]""")]),
        new("array_timestamp", new ColumnType.Array(new ColumnType.Timestamp(3)), "timestamp(3) without time zone[]",
            [new(w => One(w, Long(7)), "[\"7\"]")]),
        new("array_enum", new ColumnType.Array(new ColumnType.Enum(["x", "y"])), "public.xy[]", [new(w => One(w, Text("y")), "[\"y\"]")]),
        new("array_point", new ColumnType.Array(new ColumnType.Point()), "point[]",
            [new(w => One(w, new SampleValue(Point, "")), """[{"x":1.5,"y":-2,"wkb":null,"srid":null}]""")]),
    ];

    /// <summary>
    /// A table with a column of every type, each twice so that record types are referred to; the key is its columns 2 and 0.
    /// </summary>
    public static TableSchema Table { get; } = new(
        new TableId("public", "orders"),
        [.. All.SelectMany(sample => new[] { Column(sample, ""), Column(sample, " again") })],
        [4, 0]);

    private static ColumnSchema Column(TypeSample sample, string suffix)
    {
        var name = sample.Name + suffix;
        return new ColumnSchema(name, AvroNames.FieldNames([name])[0], sample.Type, sample.SourceType);
    }

    private static SampleValue Int(int value) => new(w => w.WriteInt(value), value.ToString(CultureInfo.InvariantCulture));

    private static SampleValue Long(long value) => new(w => w.WriteLong(value), FormattableString.Invariant($"\"{value}\""));

    private static SampleValue Text(string value) =>
        new(w => w.WriteString(value),
            $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    private static SampleValue Bytes(string hex) => new(w => w.WriteBytes(Convert.FromHexString(hex)), $"\"hex:{hex}\"");

    private static void Scaled(AvroWriter writer, int scale, byte[] unscaled)
    {
        writer.WriteInt(scale);
        writer.WriteBytes(unscaled);
    }

    private static void Point(AvroWriter writer)
    {
        writer.WriteDouble(1.5);
        writer.WriteDouble(-2);
        writer.WriteUnionIndex(0);
        writer.WriteUnionIndex(0);
    }

    private static void IntArray(AvroWriter writer)
    {
        writer.WriteBlockCount(3);
        writer.WriteUnionIndex(1);
        writer.WriteInt(1);
        writer.WriteUnionIndex(0);
        writer.WriteUnionIndex(1);
        writer.WriteInt(-3);
        writer.WriteBlockCount(0);
    }

    private static void One(AvroWriter writer, SampleValue value)
    {
        writer.WriteBlockCount(1);
        writer.WriteUnionIndex(1);
        value.Write(writer);
        writer.WriteBlockCount(0);
    }
}
