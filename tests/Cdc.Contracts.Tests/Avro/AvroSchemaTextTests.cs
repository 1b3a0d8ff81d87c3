using System.Diagnostics;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Tests.Avro;

public class AvroSchemaTextTests
{
    [Theory]
    [InlineData("\"int\"")]
    [InlineData("""{"type":"bytes","scale":2,"precision":10,"connect.version":1,"connect.parameters":{"scale":"2"},"connect.name":"a.B","logicalType":"decimal"}""")]
    [InlineData("""["null",{"type":"array","items":"long"},{"type":"map","values":["int","string"]}]""")]
    [InlineData("""{"type":"enum","name":"E","namespace":"x","symbols":["A","B"],"doc":"d","aliases":["F"],"default":"A"}""")]
    [InlineData("""{"type":"fixed","name":"F","size":16,"logicalType":"uuid"}""")]
    [InlineData("""{"type":"record","name":"R","namespace":"a.b","fields":[{"name":"x","type":["null","R"],"default":null,"order":"ignore","other":{"z":[1,2.50,"ü"]}},{"name":"y","type":{"type":"record","name":"S","namespace":"c","fields":[{"name":"r","type":"a.b.R"}]}},{"name":"s","type":"c.S"}],"connect.name":"a.b.R"}""")]
    public void Text_comes_back_byte_for_byte(string text) => Assert.Equal(text, AvroSchemaText.Write(AvroSchemaText.Parse(text)));

    [Fact]
    public void Properties_keep_their_order_and_are_told_apart_by_kind()
    {
        var schema = AvroSchemaText.Parse("""{"type":"long","b":"text","a":7,"connect.parameters":{"p":"q","n":1},"c":null}""");
        Assert.Equal(["b", "a", "connect.parameters", "c"], schema.Properties.Items.Select(item => item.Name));
        Assert.Equal("text", schema.Properties.Text("b"));
        Assert.Null(schema.Properties.Text("a"));
        Assert.Equal(7, schema.Properties.Number("a"));
        Assert.Null(schema.Properties.Number("b"));
        Assert.Equal("q", schema.Properties.Parameter("p"));
        Assert.Null(schema.Properties.Parameter("n"));
        Assert.Equal("null", schema.Properties["c"]);
        Assert.Null(schema.Properties["d"]);
    }

    [Fact]
    public void Type_without_namespace_is_found_from_inside_another_namespace()
    {
        var text =
            """{"type":"record","name":"Outer","fields":[{"name":"i","type":{"type":"record","name":"n.Inner","fields":[{"name":"o","type":["null","Outer"]}]}}]}""";
        var outer = Assert.IsType<AvroSchema.Record>(AvroSchemaText.Parse(text));
        var inner = Assert.IsType<AvroSchema.Record>(outer.Fields[0].Type);
        var union = Assert.IsType<AvroSchema.Union>(inner.Fields[0].Type);
        Assert.Equal(new AvroName("", "Outer"), Assert.IsType<AvroSchema.Reference>(union.Branches[1]).Name);
        Assert.Equal(AvroSchemaText.Write(outer), AvroSchemaText.Write(AvroSchemaText.Parse(AvroSchemaText.Write(outer))));
    }

    [Fact]
    public void Type_object_inside_a_type_keeps_the_properties_of_both()
    {
        var schema = AvroSchemaText.Parse("""{"type":{"type":"string","inner":1,"both":1},"outer":2,"both":2}""");
        Assert.Equal("""{"type":"string","inner":1,"both":1,"outer":2}""", AvroSchemaText.Write(schema));
    }

    [Fact]
    public void Many_properties_inside_and_outside_take_no_long_time()
    {
        var properties = string.Concat(Enumerable.Range(0, 100_000).Select(i => $",\"p{i}\":1"));
        var text = $$"""{"type":{"type":"string"{{properties}}}{{properties}}}""";
        var clock = Stopwatch.StartNew();
        Assert.Equal(100_000, AvroSchemaText.Parse(text).Properties.Items.Length);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"It took {clock.Elapsed}.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"integer\"")]
    [InlineData("""{"name":"x"}""")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("""{"type":"record","name":"R"}""")]
    [InlineData("""{"type":"record","name":"R","fields":{}}""")]
    [InlineData("""{"type":"record","name":"R","fields":[1]}""")]
    [InlineData("""{"type":"record","name":"R-","fields":[]}""")]
    [InlineData("""{"type":"record","name":"","fields":[]}""")]
    [InlineData("""{"type":"record","name":7,"fields":[]}""")]
    [InlineData("""{"type":"record","name":"R","namespace":7,"fields":[]}""")]
    [InlineData("""{"type":"record","name":"int","fields":[]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"1a","type":"int"}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"fixed","name":"R","size":1}}]}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A","A"]}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["a b"]}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":[1]}""")]
    [InlineData("""{"type":"fixed","name":"F","size":-1}""")]
    [InlineData("""{"type":"fixed","name":"F","size":99999999999}""")]
    [InlineData("""["int","int"]""")]
    [InlineData("""["int",["null"]]""")]
    [InlineData("""{"type":"int","a":1,"a":2}""")]
    [InlineData("""{"type":"int","a":"\ud800"}""")]
    [InlineData("\"\ud800\"")]
    public void Rejects_what_is_not_a_schema(string text) =>
        Assert.Same(ErrorCodes.AvroSchemaInvalid, Assert.Throws<CdcException>(() => AvroSchemaText.Parse(text)).Code);

    [Fact]
    public void Rejects_nesting_without_end()
    {
        var arrays = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", AvroSchemaText.MaxDepth + 1)) + "\"int\"" +
            new string('}', AvroSchemaText.MaxDepth + 1);
        Assert.Same(ErrorCodes.AvroSchemaInvalid, Assert.Throws<CdcException>(() => AvroSchemaText.Parse(arrays)).Code);
        var lists = new string('[', 100_000) + new string(']', 100_000);
        Assert.Same(ErrorCodes.AvroSchemaInvalid, Assert.Throws<CdcException>(() => AvroSchemaText.Parse(lists)).Code);
    }

    [Fact]
    public void Rejects_too_many_names_and_too_long_a_text()
    {
        var types = string.Join(',', Enumerable.Range(0, AvroSchemaText.MaxNames + 1)
            .Select(i => $$"""{"type":"fixed","name":"F{{i}}","size":1}"""));
        Assert.Contains("names", Assert.Throws<CdcException>(() => AvroSchemaText.Parse($"[{types}]")).Message, StringComparison.Ordinal);
        Assert.Contains("characters",
            Assert.Throws<CdcException>(() => AvroSchemaText.Parse(new string(' ', AvroSchemaText.MaxLength + 1))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_schemas_are_read_or_refused_with_a_code()
    {
        var random = new Random(20_240);
        var text =
            """{"type":"record","name":"R","namespace":"a.b","fields":[{"name":"x","type":["null",{"type":"map","values":"R"}],"default":null},{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}}],"connect.parameters":{"a":"b"}}""";
        for (var round = 0; round < 3_000; round++)
        {
            var changed = text.ToCharArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                changed[random.Next(changed.Length)] = "{}[]\",:\\ a0R\ud800"[random.Next(13)];
            var error = Record.Exception(() => AvroSchemaText.CanonicalForm(AvroSchemaText.Parse(new string(changed))));
            Assert.True(error is null or CdcException { Code.Number: 4002 }, $"seed 20240, round {round}, {new string(changed)}: {error}");
        }
    }

    [Fact]
    public void Canonical_form_is_that_of_the_specification()
    {
        var cases = CanonicalCases(File.ReadAllText(Fixtures.PathOf("avro/data-schema-tests.txt"))).ToList();
        Assert.Equal(34, cases.Count);
        foreach (var (input, canonical) in cases)
        {
            var schema = AvroSchemaText.Parse(input);
            Assert.Equal(canonical, AvroSchemaText.CanonicalForm(schema));
            Assert.Equal(canonical, AvroSchemaText.CanonicalForm(AvroSchemaText.Parse(AvroSchemaText.Write(schema))));
        }
    }

    [Theory]
    [InlineData("avro/schemas-interop.avsc")]
    [InlineData("avro/data-schemas-simple-schema.json")]
    [InlineData("avro/data-schemas-withUnion-schema.json")]
    [InlineData("avro/data-messageV1-test_schema.avsc")]
    public void Schemas_of_other_writers_are_read(string name)
    {
        var schema = AvroSchemaText.Parse(File.ReadAllText(Fixtures.PathOf(name)));
        var again = AvroSchemaText.Parse(AvroSchemaText.Write(schema));
        Assert.Equal(AvroSchemaText.CanonicalForm(schema), AvroSchemaText.CanonicalForm(again));
        Assert.Equal(AvroSchemaText.Write(schema), AvroSchemaText.Write(again));
    }

    // Blocks of "<<INPUT …" (on one line, or up to a line "INPUT") and "<<canonical …"; comments begin with // or #.
    private static IEnumerable<(string Input, string Canonical)> CanonicalCases(string text)
    {
        string? input = null;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("<<INPUT", StringComparison.Ordinal))
            {
                input = lines[i]["<<INPUT".Length..].Trim();
                while (input.Length == 0 || !lines[i].StartsWith("<<INPUT ", StringComparison.Ordinal))
                {
                    if (string.Equals(lines[++i].Trim(), "INPUT", StringComparison.Ordinal))
                        break;
                    input += lines[i];
                }
            }
            else if (lines[i].StartsWith("<<canonical", StringComparison.Ordinal))
            {
                yield return (input!, lines[i]["<<canonical".Length..].Trim());
            }
        }
    }
}
