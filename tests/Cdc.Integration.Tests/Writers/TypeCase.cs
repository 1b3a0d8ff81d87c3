using Cdc.Contracts.Schema;

namespace Cdc.Integration.Tests.Writers;

/// <summary>A value of a type on its way into a target.</summary>
/// <param name="Name">Names the case in the test's output.</param>
/// <param name="Value">As <see cref="AvroValues"/> takes it, or <see cref="BatchBuilder.Exact"/>.</param>
/// <param name="Printed">What PostgreSQL prints for it in UTC with ISO dates and <c>bytea_output</c> hex.</param>
public sealed record TypeCase(string Name, ColumnType Type, string SourceType, object Value, string Printed)
{
    private static readonly ColumnType Text = new ColumnType.Text();

    public static IReadOnlyList<TypeCase> All { get; } =
    [
        new("true", new ColumnType.Boolean(), "boolean", true, "true"),
        new("bit of one", new ColumnType.Boolean(), "bit(1)", true, "1"),
        new("smallest int16", new ColumnType.Int16(), "smallint", -32768, "-32768"),
        new("largest int32", new ColumnType.Int32(), "integer", 2147483647, "2147483647"),
        new("smallest int64", new ColumnType.Int64(), "bigint", long.MinValue, "-9223372036854775808"),
        new("largest oid", new ColumnType.Int64(), "oid", 4294967295L, "4294967295"),
        new("float32", new ColumnType.Float32(), "real", 1.5f, "1.5"),
        new("float32 NaN", new ColumnType.Float32(), "real", float.NaN, "NaN"),
        new("float64", new ColumnType.Float64(), "double precision", -0.1, "-0.1"),
        new("float64 infinity", new ColumnType.Float64(), "double precision", double.PositiveInfinity, "Infinity"),
        new("decimal", new ColumnType.Decimal(10, 2), "numeric(10,2)", "-12345.60", "-12345.60"),
        new("decimal zero", new ColumnType.Decimal(10, 2), "numeric(10,2)", "0.00", "0.00"),
        new("decimal small", new ColumnType.Decimal(18, 15), "numeric(18,15)", "0.000000000000001", "0.000000000000001"),
        new("decimal of 18 digits", new ColumnType.Decimal(18, 0), "numeric(18,0)", "999999999999999999", "999999999999999999"),
        new("decimal of 38 digits", new ColumnType.Decimal(38, 19), "numeric(38,19)", "-1234567890123456789.0987654321098765432",
            "-1234567890123456789.0987654321098765432"),
        new("decimal NaN", new ColumnType.Decimal(10, 2), "numeric(10,2)", new BatchBuilder.Exact("NaN"), "NaN"),
        new("number", new ColumnType.VariableDecimal(), "numeric", "3.1400", "3.1400"),
        new("number of many digits", new ColumnType.VariableDecimal(), "numeric", new string('9', 300) + "." + new string('1', 99),
            new string('9', 300) + "." + new string('1', 99)),
        new("number infinity", new ColumnType.VariableDecimal(), "numeric", new BatchBuilder.Exact("-Infinity"), "-Infinity"),
        new("money", new ColumnType.Decimal(19, 2), "money", "-92233720368547758.08", "-$92,233,720,368,547,758.08"),
        new("text", Text, "text", "snow ☃ 'quoted' \"twice\" \\ \t\n", "snow ☃ 'quoted' \"twice\" \\ \t\n"),
        new("empty text", Text, "text", "", ""),
        new("varchar", Text, "character varying(3)", "äöü", "äöü"),
        new("char", Text, "character(4)", "ab  ", "ab"),
        new("bit varying", Text, "bit varying(12)", "1010101010", "1010101010"),
        new("inet", Text, "inet", "10.0.0.0/8", "10.0.0.0/8"),
        new("range", Text, "int4range", "[1,5)", "[1,5)"),
        new("multirange", Text, "nummultirange", "{[1.0,2.0],(3,)}", "{[1.0,2.0],(3,)}"),
        new("composite", Text, "public.pair", "(1,\"a b\")", "(1,\"a b\")"),
        new("bytes", new ColumnType.Bytes(), "bytea", new byte[] { 0, 1, 255 }, "\\x0001ff"),
        new("date", new ColumnType.Date(), "date", 19723, "2024-01-01"),
        new("date infinity", new ColumnType.Date(), "date", int.MaxValue, "infinity"),
        new("time", new ColumnType.Time(6), "time without time zone", 86399999999L, "23:59:59.999999"),
        new("time of milliseconds", new ColumnType.Time(3), "time(3) without time zone", 1001, "00:00:01.001"),
        new("time of a whole day", new ColumnType.Time(6), "time without time zone", 86400000000L, "24:00:00"),
        new("timestamp", new ColumnType.Timestamp(6), "timestamp without time zone", 1_700_000_000_123_456L, "2023-11-14 22:13:20.123456"),
        new("timestamp of milliseconds", new ColumnType.Timestamp(3), "timestamp(3) without time zone", -1L, "1969-12-31 23:59:59.999"),
        new("timestamp infinity", new ColumnType.Timestamp(6), "timestamp without time zone", 9223372036825200000L, "infinity"),
        new("timestamp of milliseconds, minus infinity", new ColumnType.Timestamp(3), "timestamp(3) without time zone", -9223372036832400L,
            "-infinity"),
        new("timestamp of seconds, the last", new ColumnType.Timestamp(0), "timestamp(0) without time zone", 9_224_318_015_999_000L,
            "294276-12-31 23:59:59"),
        new("timestamp of milliseconds, the first", new ColumnType.Timestamp(3), "timestamp(3) without time zone", -210_866_803_200_000L,
            "4714-11-24 00:00:00 BC"),
        new("zoned timestamp", new ColumnType.ZonedTimestamp(6), "timestamp with time zone", "2024-02-29T23:59:59.123456Z",
            "2024-02-29 23:59:59.123456+00"),
        new("zoned timestamp before Christ", new ColumnType.ZonedTimestamp(0), "timestamp(0) with time zone", "-0043-03-15T12:00:00Z",
            "0044-03-15 12:00:00+00 BC"),
        new("zoned timestamp infinity", new ColumnType.ZonedTimestamp(6), "timestamptz", "-infinity", "-infinity"),
        new("zoned time", new ColumnType.ZonedTime(6), "time with time zone", "10:20:30.500000-05:30", "10:20:30.5-05:30"),
        new("interval", new ColumnType.Interval(), "interval", "P1Y2M-3DT4H5M-6.789S", "1 year 2 mons -3 days +04:04:53.211"),
        new("json", new ColumnType.Json(), "json", "{\"b\" : [1, null]}", "{\"b\" : [1, null]}"),
        new("jsonb", new ColumnType.Json(), "jsonb", "{\"b\": [1, null]}", "{\"b\": [1, null]}"),
        new("xml", new ColumnType.Xml(), "xml", "<a>1</a>", "<a>1</a>"),
        new("uuid", new ColumnType.Uuid(), "uuid", "0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        new("label tree", new ColumnType.LabelTree(), "public.ltree", "a.b.c", "a.b.c"),
        new("text search vector", new ColumnType.TextSearchVector(), "tsvector", "'fat':2 'rat':3A", "'fat':2 'rat':3A"),
        new("enum", new ColumnType.Enum(["a", "b,c"]), "public.mood", "b,c", "b,c"),
        new("bits", new ColumnType.Bits(10), "bit(10)", new byte[] { 0b1010_0101, 0b10 }, "1010100101"),
        new("point", new ColumnType.Point(), "point", (1.5, -2.0), "(1.5,-2)"),
        new("array", new ColumnType.Array(new ColumnType.Int32()), "integer[]", new object?[] { 1, null, -3 }, "{1,NULL,-3}"),
        new("empty array", new ColumnType.Array(Text), "text[]", Array.Empty<object?>(), "{}"),
        new("array of text", new ColumnType.Array(Text), "text[]", new object?[] { "a b", "", "\"" }, "{\"a b\",\"\",\"\\\"\"}"),
        new("array of networks", new ColumnType.Array(Text), "inet[]", new object?[] { "10.0.0.1", null }, "{10.0.0.1,NULL}"),
        new("array of numbers", new ColumnType.Array(new ColumnType.Decimal(6, 1)), "numeric(6,1)[]", new object?[] { "1.5", "-20000.0" },
            "{1.5,-20000.0}"),
        new("array of two dimensions", new ColumnType.Array(new ColumnType.Int32()), "integer[]", new BatchBuilder.Exact("{{1,2},{3,4}}"),
            "{{1,2},{3,4}}"),
        new("array with a lower bound", new ColumnType.Array(new ColumnType.Int32()), "integer[]", new BatchBuilder.Exact("[0:1]={1,2}"),
            "[0:1]={1,2}"),
    ];

    public static TheoryData<string> Names => [.. All.Select(value => value.Name)];

    public static TypeCase Of(string name) => All.Single(value => string.Equals(value.Name, name, StringComparison.Ordinal));
}
