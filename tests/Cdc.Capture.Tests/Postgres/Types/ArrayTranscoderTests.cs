using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Postgres.Types;

public sealed class ArrayTranscoderTests
{
    private static readonly ResolvedType TextArray = SourceTypes.ArrayOf(SourceTypes.BuiltIn("text"));
    private static readonly ResolvedType NumberArray = SourceTypes.ArrayOf(SourceTypes.BuiltIn("int4"));

    [Theory]
    [InlineData("{}")]
    [InlineData("{a}", "a")]
    [InlineData("{a,b,c}", "a", "b", "c")]
    [InlineData("{NULL,a,NULL}", null, "a", null)]
    [InlineData("{\"NULL\",\"\",null}", "NULL", "", "null")]
    [InlineData("{\"a,b\",\"{c}\",\" d \"}", "a,b", "{c}", " d ")]
    [InlineData("{\"\\\"\\\\\",\"x\\\\\"}", "\"\\", "x\\")]
    [InlineData("{\"{\\\"a\\\": 1}\"}", "{\"a\": 1}")]
    [InlineData("{ä,\"ö \\\\ü\"}", "ä", "ö \\ü")]
    public void Elements_are_told_apart(string text, params string?[] expected) =>
        Assert.Equal(expected, Elements(SourceTypes.Encode(TextArray, text)));

    [Fact]
    public void Long_escaped_element_is_read()
    {
        var value = string.Concat(Enumerable.Repeat("\"x\\", 1000));
        var text = "{\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\",b}";
        Assert.Equal([value, "b"], Elements(SourceTypes.Encode(TextArray, text)));
    }

    [Theory]
    [InlineData("{{1,2},{3,4}}")]
    [InlineData("[0:1]={1,2}")]
    [InlineData("[-5:-4]={1,2}")]
    [InlineData("[1:1][2:3]={{1,2}}")]
    public void More_dimensions_and_other_bounds_cannot_be_carried(string text) => Assert.Null(SourceTypes.Encode(NumberArray, text));

    [Fact]
    public void Element_that_its_type_cannot_carry_takes_the_array_along()
    {
        var type = SourceTypes.ArrayOf(SourceTypes.BuiltIn("numeric", SourceTypes.Numeric(10, 2)));
        Assert.NotNull(SourceTypes.Encode(type, "{1.00,NULL,2.50}"));
        Assert.Null(SourceTypes.Encode(type, "{1.00,NaN,2.50}"));
    }

    [Fact]
    public void Elements_have_their_own_types_encoding()
    {
        var bytes = new AvroReader(SourceTypes.Encode(SourceTypes.ArrayOf(SourceTypes.BuiltIn("bytea")), "{\"\\\\x01ff\"}"));
        Assert.Equal(1, bytes.ReadBlockCount());
        Assert.Equal(1, bytes.ReadUnionIndex(2));
        Assert.Equal(new byte[] { 1, 0xff }, bytes.ReadBytes().ToArray());
        Assert.Equal(0, bytes.ReadBlockCount());

        var numbers = new AvroReader(SourceTypes.Encode(NumberArray, "{-1}"));
        Assert.Equal(1, numbers.ReadBlockCount());
        Assert.Equal(1, numbers.ReadUnionIndex(2));
        Assert.Equal(-1, numbers.ReadInt());
    }

    [Fact]
    public void Boxes_are_parted_by_semicolons()
    {
        var box = SourceTypes.BuiltIn("box");
        var type = SourceTypes.ArrayOf(box with { Type = box.Type with { Delimiter = (byte)';' } });
        Assert.Equal(["(1,1),(0,0)", "(2,2),(1,1)"], Elements(SourceTypes.Encode(type, "{(1,1),(0,0);(2,2),(1,1)}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("1,2")]
    [InlineData("{1,}")]
    [InlineData("{,1}")]
    [InlineData("{1,{2}}")]
    [InlineData("{\"1}")]
    [InlineData("{\"1\"2}")]
    [InlineData("{1\"2\"}")]
    [InlineData("{\"1\\\"}")]
    [InlineData("{x}")]
    [InlineData("[1:2]{1,2}")]
    [InlineData("[a:b]={1,2}")]
    public void Text_of_another_form_is_refused(string text) =>
        Assert.Equal(ErrorCodes.SourceTextInvalid, Assert.Throws<CdcException>(() => SourceTypes.Encode(NumberArray, text)).Code);

    [Fact]
    public void Placeholder_of_text_elements_is_one_of_them() =>
        Assert.Equal(["__debezium_unavailable_value"], Elements(SourceTypes.Placeholder(TextArray)));

    [Fact]
    public void Placeholder_of_numbers_is_its_bytes()
    {
        var avro = new AvroReader(SourceTypes.Placeholder(NumberArray));
        Assert.Equal(28, avro.ReadBlockCount());
        Assert.Equal(1, avro.ReadUnionIndex(2));
        Assert.Equal('_', avro.ReadInt());
    }

    [Fact]
    public void Random_texts_come_back()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            var values = Enumerable.Range(0, random.Next(0, 8)).Select(_ => RandomText(random)).ToArray();
            var text = "{" + string.Join(',', values.Select(Printed)) + "}";
            Assert.True(values.SequenceEqual(Elements(SourceTypes.Encode(TextArray, text)), StringComparer.Ordinal),
                $"seed {seed}: {text}");
        }
    }

    private static string? RandomText(Random random) =>
        random.Next(6) == 0 ? null : new string([.. Enumerable.Range(0, random.Next(0, 9)).Select(_ => "ab\"\\,{} ;äN"[random.Next(11)])]);

    private static string Printed(string? value)
    {
        if (value is null)
            return "NULL";
        return value.Length > 0 && value.All(letter => letter is 'a' or 'b' or 'ä' or ';')
            ? value
            : "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }

    private static List<string?> Elements(byte[]? avro)
    {
        Assert.NotNull(avro);
        var reader = new AvroReader(avro);
        var elements = new List<string?>();
        for (var count = reader.ReadBlockCount(); count > 0; count = reader.ReadBlockCount())
        {
            for (; count > 0; count--)
                elements.Add(reader.ReadUnionIndex(2) == 0 ? null : reader.ReadString());
        }

        Assert.True(reader.IsAtEnd);
        return elements;
    }
}
