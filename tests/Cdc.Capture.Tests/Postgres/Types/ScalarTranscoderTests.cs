using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Postgres.Types;

public sealed class ScalarTranscoderTests
{
    [Theory]
    [InlineData("int2", "-32768", -32768)]
    [InlineData("int2", "32767", 32767)]
    [InlineData("int4", "-2147483648", int.MinValue)]
    [InlineData("int4", "0", 0)]
    [InlineData("int8", "9223372036854775807", long.MaxValue)]
    [InlineData("int8", "-9223372036854775808", long.MinValue)]
    [InlineData("oid", "4294967295", uint.MaxValue)]
    public void Whole_number_is_a_long(string type, string text, long expected) =>
        Assert.Equal(expected, SourceTypes.Long(SourceTypes.Encode(SourceTypes.BuiltIn(type), text)));

    [Theory]
    [InlineData("bool", -1, "t", 1)]
    [InlineData("bool", -1, "f", 0)]
    [InlineData("bit", 1, "1", 1)]
    [InlineData("bit", 1, "0", 0)]
    public void Boolean_is_one_byte(string type, int modifier, string text, byte expected) =>
        Assert.Equal(new[] { expected }, SourceTypes.Encode(SourceTypes.BuiltIn(type, modifier), text) ?? []);

    [Theory]
    [InlineData("0", 0d)]
    [InlineData("-0", -0d)]
    [InlineData("1.5", 1.5)]
    [InlineData("1e+300", 1e300)]
    [InlineData("-4.9406564584124654e-324", -double.Epsilon)]
    [InlineData("5e-324", double.Epsilon)]
    [InlineData("1.7976931348623157e+308", double.MaxValue)]
    [InlineData("0.1", 0.1)]
    [InlineData("-123456.78901", -123456.78901)]
    [InlineData("999999999999999", 999999999999999d)]
    [InlineData("-0.00012345678", -0.00012345678)]
    [InlineData("NaN", double.NaN)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    public void Double_is_read_exactly(string text, double expected)
    {
        var avro = new AvroReader(SourceTypes.Encode(SourceTypes.BuiltIn("float8"), text));
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(avro.ReadDouble()));
    }

    [Theory]
    [InlineData("3.4028235e+38", float.MaxValue)]
    [InlineData("1e-45", float.Epsilon)]
    [InlineData("0.1", 0.1f)]
    [InlineData("16777217", 16777216f)]
    [InlineData("NaN", float.NaN)]
    [InlineData("-Infinity", float.NegativeInfinity)]
    public void Single_is_read_exactly(string text, float expected)
    {
        var avro = new AvroReader(SourceTypes.Encode(SourceTypes.BuiltIn("float4"), text));
        Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(avro.ReadFloat()));
    }

    [Fact]
    public void Single_is_not_rounded_twice()
    {
        // Halfway between two singles, plus less than a double can tell: by way of a double it would round to even, downwards.
        var avro = new AvroReader(SourceTypes.Encode(SourceTypes.BuiltIn("float4"), "1.00000005960464477540"));
        Assert.Equal(1.0000001f, avro.ReadFloat());
    }

    [Fact]
    public void Random_doubles_equal_what_the_base_class_library_reads()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 100_000; i++)
        {
            var value = i % 2 == 0 ? Math.Round((random.NextDouble() - 0.5) * Math.Pow(10, i % 14), i % 9)
                : BitConverter.Int64BitsToDouble(random.NextInt64());
            if (!double.IsFinite(value))
                continue;
            var text = value.ToString("R", System.Globalization.CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
            var found = new AvroReader(SourceTypes.Encode(SourceTypes.BuiltIn("float8"), text)).ReadDouble();
            Assert.True(BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(found), $"seed {seed}: '{text}'");
        }
    }

    [Theory]
    [InlineData("$0.00", 0)]
    [InlineData("$1,234.56", 123456)]
    [InlineData("-$1.00", -100)]
    [InlineData("$999.99", 99999)]
    [InlineData("$92,233,720,368,547,758.07", long.MaxValue)]
    [InlineData("-$92,233,720,368,547,758.08", long.MinValue)]
    public void Money_is_cents(string text, long cents) =>
        Assert.Equal(cents, (long)new System.Numerics.BigInteger(SourceTypes.Bytes(SourceTypes.Encode(SourceTypes.BuiltIn("money"), text)),
            isBigEndian: true));

    [Theory]
    [InlineData("\\x", new byte[0])]
    [InlineData("\\x00ff7f", new byte[] { 0, 0xff, 0x7f })]
    public void Bytes_come_from_hex(string text, byte[] expected) =>
        Assert.Equal(expected, SourceTypes.Bytes(SourceTypes.Encode(SourceTypes.BuiltIn("bytea"), text)));

    [Theory]
    [InlineData("10", new byte[] { 2 })]
    [InlineData("00000001", new byte[] { 1 })]
    [InlineData("100000001", new byte[] { 1, 1 })]
    [InlineData("1011011100000000", new byte[] { 0, 0xb7 })]
    [InlineData("01000000000000000000", new byte[] { 0, 0, 4 })]
    public void Bits_are_little_endian(string text, byte[] expected) =>
        Assert.Equal(expected, SourceTypes.Bytes(SourceTypes.Encode(SourceTypes.BuiltIn("bit", text.Length), text)));

    [Theory]
    [InlineData("(1.5,-2e+20)", 1.5, -2e20)]
    [InlineData("(NaN,Infinity)", double.NaN, double.PositiveInfinity)]
    [InlineData("(-0,0)", -0d, 0d)]
    public void Point_is_two_doubles_without_a_form(string text, double x, double y)
    {
        var avro = new AvroReader(SourceTypes.Encode(SourceTypes.BuiltIn("point"), text));
        Assert.Equal(x, avro.ReadDouble());
        Assert.Equal(y, avro.ReadDouble());
        Assert.Equal(0, avro.ReadUnionIndex(2));
        Assert.Equal(0, avro.ReadUnionIndex(2));
        Assert.True(avro.IsAtEnd);
    }

    [Theory]
    [InlineData("text", "any \"text\" \\ äöü 🙂\n\t")]
    [InlineData("bpchar", "padded    ")]
    [InlineData("interval", "P1Y2M3DT4H5M6.789S")]
    [InlineData("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [InlineData("json", "{ \"a\" :1.0}")]
    [InlineData("varbit", "0101")]
    [InlineData("inet", "192.168.0.1/24")]
    [InlineData("text", "")]
    public void Text_stays_as_the_server_printed_it(string type, string text) =>
        Assert.Equal(text, SourceTypes.Text(SourceTypes.Encode(SourceTypes.BuiltIn(type), text)));

    [Theory]
    [InlineData("", "{}")]
    [InlineData("\"a\"=>\"1\"", "{\"a\":\"1\"}")]
    [InlineData("\"b\"=>NULL, \"a\"=>\"NULL\"", "{\"b\":null,\"a\":\"NULL\"}")]
    [InlineData("\"\"=>\"\"", "{\"\":\"\"}")]
    [InlineData("\"q\\\"=>\"=>\"\\\\n, \"", "{\"q\\\"=>\":\"\\\\n, \"}")]
    [InlineData("\"ä\t\"=>\"\n\u0001\"", "{\"ä\\t\":\"\\n\\u0001\"}")]
    public void Hstore_is_json_in_the_servers_order(string text, string expected) =>
        Assert.Equal(expected, SourceTypes.Text(SourceTypes.Encode(SourceTypes.Other("hstore"), text)));

    /// <summary>
    /// Quotes, backslashes, controls and all of Unicode, in keys and values; a null is no text, and the text NULL is one.
    /// </summary>
    [Fact]
    public void Hstore_pairs_come_out_as_they_went_in()
    {
        string[] pieces = ["\"", "\\", "'", "NULL", "=>", ", ", "ä", "日本", "😀", "\t", "\n", "\u0001", "\u007f", "\u2028", "{}"];
        var random = new Random(11);
        string Made() => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]));
        static string Quoted(string text) =>
            $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        for (var i = 0; i < 2_000; i++)
        {
            var pairs = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (var pair = random.Next(6); pair > 0; pair--)
                pairs[Made()] = random.Next(4) == 0 ? null : Made();
            var text = string.Join(", ", pairs.Select(pair => $"{Quoted(pair.Key)}=>{(pair.Value is null ? "NULL" : Quoted(pair.Value))}"));
            var json = SourceTypes.Text(SourceTypes.Encode(SourceTypes.Other("hstore"), text));
            Assert.Equal(pairs, System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string?>>(json));
        }
    }

    [Fact]
    public void Long_hstore_moves_up_by_the_bytes_of_its_length()
    {
        var value = new string('x', 100_000);
        Assert.Equal($"{{\"k\":\"{value}\"}}", SourceTypes.Text(SourceTypes.Encode(SourceTypes.Other("hstore"), $"\"k\"=>\"{value}\"")));
    }

    [Theory]
    [InlineData("bool", -1, "true")]
    [InlineData("bool", -1, "x")]
    [InlineData("bool", -1, "")]
    [InlineData("int2", -1, "32768")]
    [InlineData("int4", -1, "2147483648")]
    [InlineData("int4", -1, "")]
    [InlineData("int4", -1, "-")]
    [InlineData("int4", -1, "1 ")]
    [InlineData("int4", -1, "+1")]
    [InlineData("int8", -1, "9223372036854775808")]
    [InlineData("int8", -1, "-9223372036854775809")]
    [InlineData("int8", -1, "99999999999999999999")]
    [InlineData("oid", -1, "-1")]
    [InlineData("float8", -1, "")]
    [InlineData("float8", -1, "nan")]
    [InlineData("float8", -1, "1e400")]
    [InlineData("float8", -1, "1.2.3")]
    [InlineData("float8", -1, "+Infinity")]
    [InlineData("float4", -1, "1e39")]
    [InlineData("money", -1, "$1.234,56")]
    [InlineData("money", -1, "$1234.56")]
    [InlineData("money", -1, "€1.00")]
    [InlineData("money", -1, "$.00")]
    [InlineData("money", -1, "$92,233,720,368,547,758.08")]
    [InlineData("bytea", -1, "\\x0")]
    [InlineData("bytea", -1, "\\x0g")]
    [InlineData("bytea", -1, "\\000")]
    [InlineData("bit", 3, "01")]
    [InlineData("bit", 3, "012")]
    [InlineData("bit", 1, "2")]
    [InlineData("point", -1, "(1,2")]
    [InlineData("point", -1, "(1)")]
    [InlineData("point", -1, "(1,)")]
    public void Text_of_another_form_is_refused_without_showing_it(string type, int modifier, string text)
    {
        var error = Assert.Throws<CdcException>(() => SourceTypes.Encode(SourceTypes.BuiltIn(type, modifier), text));
        Assert.Equal(ErrorCodes.SourceTextInvalid, error.Code);
        Assert.Contains($"'{type}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(SourceTextMessage(type, text), error.Message);
    }

    [Theory]
    [InlineData("\"a\"")]
    [InlineData("\"a\"=>")]
    [InlineData("\"a\"=>1")]
    [InlineData("\"a\"=>\"1\",")]
    [InlineData("\"a\"=>\"1\", ")]
    [InlineData("\"a\"=>\"1")]
    [InlineData("\"a\\")]
    [InlineData("\"a\\n\"=>\"1\"")]
    public void Hstore_of_another_form_is_refused(string text) =>
        Assert.Equal(ErrorCodes.SourceTextInvalid,
            Assert.Throws<CdcException>(() => SourceTypes.Encode(SourceTypes.Other("hstore"), text)).Code);

    [Theory]
    [InlineData("text")]
    [InlineData("jsonb")]
    [InlineData("xml")]
    [InlineData("bytea")]
    public void Placeholder_stands_in_for_text_and_bytes(string type) =>
        Assert.Equal("__debezium_unavailable_value", SourceTypes.Text(SourceTypes.Placeholder(SourceTypes.BuiltIn(type))));

    [Theory]
    [InlineData("numeric")]
    [InlineData("point")]
    [InlineData("int4")]
    public void Other_types_have_no_placeholder(string type) => Assert.Null(SourceTypes.Placeholder(SourceTypes.BuiltIn(type)));

    private static string SourceTextMessage(string type, string text) =>
        $"Reading a value of type '{type}', {System.Text.Encoding.UTF8.GetByteCount(text)} bytes were found that are not text as the " +
        "server prints it for this type.";
}
