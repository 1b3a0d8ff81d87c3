using Cdc.Contracts.Schema;

namespace Cdc.Integration.Tests.Types;

/// <summary>A column of the table with every type: its type, the text that goes in, and what comes out as readable Avro.</summary>
internal sealed record MatrixColumn(string Type, string Value, ColumnType Column, string SourceType, string Expected);

/// <summary>Every type that is mapped, with a value at its edge. <c>exact</c>: the value cannot be carried.</summary>
internal static class TypeMatrix
{
    public const string Types = """
        CREATE EXTENSION hstore SCHEMA public; CREATE EXTENSION citext SCHEMA public; CREATE EXTENSION ltree SCHEMA public;
        CREATE SCHEMA other;
        CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'Very "happy"');
        CREATE TYPE other.mood AS ENUM ('left', 'right');
        CREATE TYPE public.pair AS (a int, b text);
        CREATE DOMAIN public.price AS numeric(10,2);
        CREATE DOMAIN public.small_price AS public.price CHECK (VALUE < 1000);
        CREATE DOMAIN public.numbers AS int[];
        CREATE TYPE public.span AS RANGE (subtype = float8);
        """;

    public static IReadOnlyList<MatrixColumn> Columns { get; } =
    [
        new("bool", "true", new ColumnType.Boolean(), "boolean", "True"),
        new("int2", "-32768", new ColumnType.Int16(), "smallint", "-32768"),
        new("int4", "2147483647", new ColumnType.Int32(), "integer", "2147483647"),
        new("int8", "-9223372036854775808", new ColumnType.Int64(), "bigint", "-9223372036854775808"),
        new("oid", "4294967295", new ColumnType.Int64(), "oid", "4294967295"),
        new("float4", "3.4028235e38", new ColumnType.Float32(), "real", "3.4028235E+38"),
        new("float8", "-0.1", new ColumnType.Float64(), "double precision", "-0.1"),
        new("float8", "NaN", new ColumnType.Float64(), "double precision", "NaN"),
        new("numeric(10,2)", "-1234.5", new ColumnType.Decimal(10, 2), "numeric(10,2)", "-123450"),
        new("numeric(60,30)", "-123456789012345678901234567890.5", new ColumnType.Decimal(60, 30), "numeric(60,30)",
            "-123456789012345678901234567890500000000000000000000000000000"),
        new("numeric(10,2)", "NaN", new ColumnType.Decimal(10, 2), "numeric(10,2)", "exact"),
        new("numeric", "0.000", new ColumnType.VariableDecimal(), "numeric", "0 scale 3"),
        new("numeric", "1e20", new ColumnType.VariableDecimal(), "numeric", "100000000000000000000 scale 0"),
        new("numeric", "-Infinity", new ColumnType.VariableDecimal(), "numeric", "exact"),
        new("numeric(3,-2)", "12345", new ColumnType.VariableDecimal(), "numeric(3,-2)", "12300 scale 0"),
        new("numeric(3,5)", "0.00123", new ColumnType.VariableDecimal(), "numeric(3,5)", "123 scale 5"),
        new("money", "-92233720368547758.08", new ColumnType.Decimal(19, 2), "money", "-9223372036854775808"),
        new("text", "tab\tline\nback\\ äö🙂", new ColumnType.Text(), "text", "tab\tline\nback\\ äö🙂"),
        new("varchar(20)", "", new ColumnType.Text(), "character varying(20)", ""),
        new("char(5)", "ab", new ColumnType.Text(), "character(5)", "ab   "),
        new("\"char\"", "x", new ColumnType.Text(), "\"char\"", "x"),
        new("name", "n", new ColumnType.Text(), "name", "n"),
        new("bytea", "\\x00ff10", new ColumnType.Bytes(), "bytea", "00FF10"),
        new("date", "0044-03-15 BC", new ColumnType.Date(), "date", "-735160"),
        new("date", "5874897-12-31", new ColumnType.Date(), "date", "2145042905"),
        new("date", "infinity", new ColumnType.Date(), "date", "2147483647"),
        new("time", "24:00:00", new ColumnType.Time(6), "time without time zone", "86400000000"),
        new("time(3)", "12:34:56.789", new ColumnType.Time(3), "time(3) without time zone", "45296789"),
        new("timetz", "24:00:00-15:59:59", new ColumnType.ZonedTime(6), "time with time zone", "24:00:00.000000-15:59:59"),
        new("timetz(2)", "12:34:56.789+02", new ColumnType.ZonedTime(2), "time(2) with time zone", "12:34:56.79+02:00"),
        new("timetz(0)", "12:34:56+00", new ColumnType.ZonedTime(0), "time(0) with time zone", "12:34:56Z"),
        new("timestamp", "9999-12-31 23:59:59.999999", new ColumnType.Timestamp(6), "timestamp without time zone", "253402300799999999"),
        new("timestamp(0)", "0044-03-15 12:00:00 BC", new ColumnType.Timestamp(0), "timestamp(0) without time zone", "-63517780800000"),
        new("timestamp", "-infinity", new ColumnType.Timestamp(6), "timestamp without time zone", "-9223372036832400000"),
        new("timestamp", "294276-12-31 23:59:59.999999", new ColumnType.Timestamp(6), "timestamp without time zone", "exact"),
        new("timestamptz", "2024-01-02 03:04:05.6+02", new ColumnType.ZonedTimestamp(6), "timestamp with time zone", "2024-01-02T01:04:05.600000Z"),
        new("timestamptz(3)", "294276-12-31 23:59:59.5Z", new ColumnType.ZonedTimestamp(3), "timestamp(3) with time zone", "+294276-12-31T23:59:59.500Z"),
        new("timestamptz(0)", "0002-03-04 05:06:07Z BC", new ColumnType.ZonedTimestamp(0), "timestamp(0) with time zone", "-0001-03-04T05:06:07Z"),
        new("timestamptz", "infinity", new ColumnType.ZonedTimestamp(6), "timestamp with time zone", "infinity"),
        new("interval", "1 year -2 days 04:05:06.5", new ColumnType.Interval(), "interval", "P1Y-2DT4H5M6.5S"),
        new("interval(0)", "-1 mons", new ColumnType.Interval(), "interval(0)", "P-1M"),
        new("uuid", "A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11", new ColumnType.Uuid(), "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        new("json", "{ \"a\" : 1.0 }", new ColumnType.Json(), "json", "{ \"a\" : 1.0 }"),
        new("jsonb", "{ \"a\" : 1.0 }", new ColumnType.Json(), "jsonb", "{\"a\": 1.0}"),
        new("xml", "<a/>", new ColumnType.Xml(), "xml", "<a/>"),
        new("tsvector", "'b':2 'a':1", new ColumnType.TextSearchVector(), "tsvector", "'a':1 'b':2"),
        new("tsquery", "a & b", new ColumnType.Text(), "tsquery", "'a' & 'b'"),
        new("public.hstore", "\"q\\\"\"=>\"1\", b=>NULL", new ColumnType.Json(), "public.hstore", "{\"b\":null,\"q\\\"\":\"1\"}"),
        new("public.citext", "MiXed", new ColumnType.Text(), "public.citext", "MiXed"),
        new("public.ltree", "a.b", new ColumnType.LabelTree(), "public.ltree", "a.b"),
        new("bit", "1", new ColumnType.Boolean(), "bit(1)", "True"),
        new("bit(12)", "100000000001", new ColumnType.Bits(12), "bit(12)", "0108"),
        new("bit varying(12)", "101", new ColumnType.Text(), "bit varying(12)", "101"),
        new("point", "(1.5,-2e+20)", new ColumnType.Point(), "point", "1.5;-2E+20"),
        new("box", "(1,1),(0,0)", new ColumnType.Text(), "box", "(1,1),(0,0)"),
        new("inet", "192.168.0.1/24", new ColumnType.Text(), "inet", "192.168.0.1/24"),
        new("pg_lsn", "16/B374D848", new ColumnType.Text(), "pg_lsn", "16/B374D848"),
        new("int4range", "[1,5]", new ColumnType.Text(), "int4range", "[1,6)"),
        new("int4multirange", "{[1,2),[5,8)}", new ColumnType.Text(), "int4multirange", "{[1,2),[5,8)}"),
        new("public.span", "[1,2)", new ColumnType.Text(), "public.span", "[1,2)"),
        new("public.mood", "Very \"happy\"", new ColumnType.Enum(["sad", "ok", "Very \"happy\""]), "public.mood", "Very \"happy\""),
        new("other.mood", "left", new ColumnType.Enum(["left", "right"]), "other.mood", "left"),
        new("public.pair", "(1,\"a b\")", new ColumnType.Text(), "public.pair", "(1,\"a b\")"),
        new("public.price", "1.5", new ColumnType.Decimal(10, 2), "numeric(10,2)", "150"),
        new("public.small_price", "-1.5", new ColumnType.Decimal(10, 2), "numeric(10,2)", "-150"),
        new("public.numbers", "{1,NULL,3}", new ColumnType.Array(new ColumnType.Int32()), "integer[]", "[1|null|3]"),
        new("int4[]", "{}", new ColumnType.Array(new ColumnType.Int32()), "integer[]", "[]"),
        new("int4[]", "{{1,2},{3,4}}", new ColumnType.Array(new ColumnType.Int32()), "integer[]", "exact"),
        new("int4[]", "[0:1]={1,2}", new ColumnType.Array(new ColumnType.Int32()), "integer[]", "exact"),
        new("text[]", "{a,\"b \\\"c\\\" \\\\\",NULL,\"NULL\",\"\",\"{,}\"}", new ColumnType.Array(new ColumnType.Text()), "text[]",
            "[a|b \"c\" \\|null|NULL||{,}]"),
        new("bytea[]", "{\"\\\\x01ff\"}", new ColumnType.Array(new ColumnType.Bytes()), "bytea[]", "[01FF]"),
        new("numeric(8,3)[]", "{1.5,-2}", new ColumnType.Array(new ColumnType.Decimal(8, 3)), "numeric(8,3)[]", "[1500|-2000]"),
        new("timestamptz(0)[]", "{2024-01-02 03:04:05+00}", new ColumnType.Array(new ColumnType.ZonedTimestamp(0)), "timestamp(0) with time zone[]",
            "[2024-01-02T03:04:05Z]"),
        new("public.mood[]", "{ok,\"Very \\\"happy\\\"\"}", new ColumnType.Array(new ColumnType.Enum(["sad", "ok", "Very \"happy\""])), "public.mood[]",
            "[ok|Very \"happy\"]"),
        new("public.small_price[]", "{1,2.5}", new ColumnType.Array(new ColumnType.Decimal(10, 2)), "numeric(10,2)[]", "[100|250]"),
        new("public.numbers[]", "{\"{1,2}\"}", new ColumnType.Array(new ColumnType.Text()), "public.numbers[]", "[{1,2}]"),
        new("box[]", "{(1,1),(0,0);(2,2),(1,1)}", new ColumnType.Array(new ColumnType.Text()), "box[]", "[(1,1),(0,0)|(2,2),(1,1)]"),
        new("public.hstore[]", "{\"a=>1\"}", new ColumnType.Array(new ColumnType.Json()), "public.hstore[]", "[{\"a\":\"1\"}]"),
        new("money[]", "{1,-2.5}", new ColumnType.Array(new ColumnType.Decimal(19, 2)), "money[]", "[100|-250]"),
        new("public.pair[]", "{\"(1,x)\"}", new ColumnType.Array(new ColumnType.Text()), "public.pair[]", "[(1,x)]"),
    ];
}
