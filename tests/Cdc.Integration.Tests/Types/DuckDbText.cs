using System.Collections.Frozen;

namespace Cdc.Integration.Tests.Types;

/// <summary>
/// How DuckDB prints a value of the matrix where that is not its canonical text; what is VARCHAR there keeps the text of the event.
/// </summary>
internal static class DuckDbText
{
    private static readonly FrozenDictionary<(string Type, string Canonical), string> Printed =
        new Dictionary<(string Type, string Canonical), string>
    {
        [("float8", "NaN")] = "nan",
        [("money", "-$92,233,720,368,547,758.08")] = "-92233720368547758.08",
        [("bytea", "\\x00ff10")] = "\\x00\\xFF\\x10",
        [("date", "0044-03-15 BC")] = "0044-03-15 (BC)",
        [("timetz", "24:00:00-15:59:59")] = "24:00:00.000000-15:59:59",
        [("timetz(2)", "12:34:56.79+02")] = "12:34:56.79+02:00",
        [("timetz(0)", "12:34:56+00")] = "12:34:56Z",
        [("timestamp(0)", "0044-03-15 12:00:00 BC")] = "0044-03-15 (BC) 12:00:00",
        [("timestamptz(0)", "0002-03-04 05:06:07+00 BC")] = "0002-03-04 (BC) 05:06:07+00",
        [("public.hstore", "\"b\"=>NULL, \"q\\\"\"=>\"1\"")] = "{\"b\":null,\"q\\\"\":\"1\"}",
        [("public.numbers", "{1,NULL,3}")] = "[1, NULL, 3]",
        [("int4[]", "{}")] = "[]",
        [("text[]", "{a,\"b \\\"c\\\" \\\\\",NULL,\"NULL\",\"\",\"{,}\"}")] = "[a, 'b \"c\" \\\\', NULL, 'NULL', '', '{,}']",
        [("bytea[]", "{\"\\\\x01ff\"}")] = "[\\x01\\xFF]",
        [("numeric(8,3)[]", "{1.500,-2.000}")] = "[1.500, -2.000]",
        [("timestamptz(0)[]", "{\"2024-01-02 03:04:05+00\"}")] = "['2024-01-02 03:04:05+00']",
        [("public.mood[]", "{ok,\"Very \\\"happy\\\"\"}")] = "[ok, 'Very \"happy\"']",
        [("public.small_price[]", "{1.00,2.50}")] = "[1.00, 2.50]",
        [("public.numbers[]", "{\"{1,2}\"}")] = "['{1,2}']",
        [("box[]", "{(1,1),(0,0);(2,2),(1,1)}")] = "['(1,1),(0,0)', '(2,2),(1,1)']",
        [("public.hstore[]", "{\"\\\"a\\\"=>\\\"1\\\"\"}")] = "[{\"a\":\"1\"}]",
        [("money[]", "{$1.00,-$2.50}")] = "[1.00, -2.50]",
        [("float4", "NaN")] = "nan",
        [("float8", "-Infinity")] = "-inf",
        [("float8", "-0")] = "-0.0",
        [("date", "4714-11-24 BC")] = "4714-11-24 (BC)",
        [("timestamp", "4714-11-24 00:00:00 BC")] = "4714-11-24 (BC) 00:00:00",
        [("timestamptz", "4714-11-24 00:00:00+00 BC")] = "4714-11-24 (BC) 00:00:00+00",
        [("public.hstore", "")] = "{}",
        [("bool[]", "{t,NULL,f}")] = "[true, NULL, false]",
        [("int2[]", "{-1}")] = "[-1]",
        [("int8[]", "{9223372036854775807}")] = "[9223372036854775807]",
        [("float4[]", "{1.5,NaN}")] = "[1.5, nan]",
        [("float8[]", "{NaN,-Infinity,0.1}")] = "[nan, -inf, 0.1]",
        [("numeric[]", "{1.50,100000000000000000000}")] = "[1.50, 100000000000000000000]",
        [("varchar(9)[]", "{NULL}")] = "[NULL]",
        [("char(3)[]", "{\"a  \"}")] = "['a  ']",
        [("date[]", "{\"0044-03-15 BC\",infinity}")] = "['0044-03-15 (BC)', infinity]",
        [("time[]", "{24:00:00}")] = "['24:00:00']",
        [("timetz[]", "{12:34:56.789+02}")] = "['12:34:56.789000+02:00']",
        [("timestamp[]", "{\"1970-01-01 00:00:01\",-infinity}")] = "['1970-01-01 00:00:01', -infinity]",
        [("interval[]", "{P1D}")] = "[P1D]",
        [("uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}")] = "[a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11]",
        [("json[]", "{\"{\\\"a\\\": [1,2]}\"}")] = "[{\"a\": [1,2]}]",
        [("jsonb[]", "{\"{\\\"a\\\": null}\",NULL}")] = "[{\"a\": null}, NULL]",
        [("xml[]", "{<a/>}")] = "[<a/>]",
        [("inet[]", "{10.0.0.1,::1/64}")] = "[10.0.0.1, '::1/64']",
        [("bit(3)[]", "{101}")] = "[101]",
        [("point[]", "{\"(1,2)\"}")] = "['(1,2)']",
        [("int4range[]", "{\"[1,5)\",empty}")] = "['[1,5)', empty]",
        [("public.citext[]", "{Ab}")] = "[Ab]",
        [("public.ltree[]", "{a.b}")] = "[a.b]",
        [("tsvector[]", "{'a':1}")] = "['\\'a\\':1']",
        [("public.pair[]", "{\"(1,x)\"}")] = "['(1,x)']",
    }.ToFrozenDictionary();

    public static string Of(MatrixColumn column, string canonical) => column.Type switch
    {
        "bool" or "bit" => "true",
        _ => Printed.GetValueOrDefault((column.Type, canonical), canonical),
    };
}
