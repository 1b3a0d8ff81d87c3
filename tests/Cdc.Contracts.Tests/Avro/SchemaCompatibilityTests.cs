using Cdc.Contracts.Avro;

namespace Cdc.Contracts.Tests.Avro;

public sealed class SchemaCompatibilityTests
{
    [Theory]
    [InlineData("int", "int")]
    [InlineData("long", "int")]
    [InlineData("float", "int")]
    [InlineData("double", "int")]
    [InlineData("float", "long")]
    [InlineData("double", "long")]
    [InlineData("double", "float")]
    [InlineData("bytes", "string")]
    [InlineData("string", "bytes")]
    public void Accepts_promoted_primitives(string reader, string writer) => Assert.Null(Find(Quoted(reader), Quoted(writer)));

    [Theory]
    [InlineData("int", "long")]
    [InlineData("long", "float")]
    [InlineData("float", "double")]
    [InlineData("int", "boolean")]
    [InlineData("boolean", "int")]
    [InlineData("string", "int")]
    [InlineData("null", "int")]
    [InlineData("bytes", "long")]
    public void Rejects_other_primitives(string reader, string writer) =>
        Assert.Equal($"the type is now {reader}, which cannot read {writer}", Find(Quoted(reader), Quoted(writer))?.ToString());

    [Theory]
    [InlineData("""["null","int"]""", "\"int\"")]
    [InlineData("""["null","long"]""", """["null","int"]""")]
    [InlineData("\"long\"", """["int","long"]""")]
    [InlineData("""["string","null"]""", """["null","string"]""")]
    [InlineData("""{"type":"array","items":"long"}""", """{"type":"array","items":"int"}""")]
    [InlineData("""{"type":"map","values":["null","long"]}""", """{"type":"map","values":"int"}""")]
    [InlineData("""{"type":"fixed","name":"a.F","size":4}""", """{"type":"fixed","name":"b.F","size":4}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["B","A","C"]}""", """{"type":"enum","name":"E","symbols":["A","B"]}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"],"default":"A"}""", """{"type":"enum","name":"E","symbols":["A","B"]}""")]
    [InlineData("""{"type":"enum","name":"New","aliases":["E"],"symbols":["A"]}""", """{"type":"enum","name":"E","symbols":["A"]}""")]
    [InlineData("""{"type":"record","name":"x.R","aliases":["y.S"],"fields":[]}""", """{"type":"record","name":"y.S","fields":[]}""")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":9,"scale":4}""",
        """{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}""")]
    public void Accepts_what_can_be_resolved(string reader, string writer) => Assert.Null(Find(reader, writer));

    [Theory]
    [InlineData("\"int\"", """["null","int"]""", "the type is now int, which cannot read null")]
    [InlineData("""["null","int"]""", "\"string\"", "no branch of the union can read string")]
    [InlineData("""["null","int"]""", """["null","long"]""", "no branch of the union can read long")]
    [InlineData("""{"type":"array","items":"int"}""", """{"type":"array","items":"long"}""",
        "at '[]' the type is now int, which cannot read long")]
    [InlineData("""{"type":"map","values":"int"}""", """{"type":"map","values":"long"}""",
        "at '{}' the type is now int, which cannot read long")]
    [InlineData("""{"type":"map","values":"int"}""", """{"type":"array","items":"int"}""",
        "the type is now a map, which cannot read an array")]
    [InlineData("""{"type":"fixed","name":"F","size":4}""", """{"type":"fixed","name":"F","size":5}""",
        "the type is now 'F' of 4 bytes, which cannot read 'F' of 5 bytes")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", """{"type":"enum","name":"E","symbols":["A","B"]}""",
        "the enum no longer has the symbol 'B' and has no default")]
    [InlineData("""{"type":"record","name":"R","fields":[]}""", """{"type":"record","name":"S","fields":[]}""",
        "the type is now record 'R', which cannot read record 'S'")]
    public void Rejects_what_cannot_be_resolved(
        string reader, string writer, string expected) => Assert.Equal(expected, Find(reader, writer)?.ToString());

    [Fact]
    public void New_field_needs_a_default_and_removed_field_does_not()
    {
        Assert.Null(Find(Row("""{"name":"a","type":"int"}""", """{"name":"b","type":["null","int"],"default":null}"""),
            Row("""{"name":"a","type":"int"}""")));
        Assert.Null(Find(Row("""{"name":"a","type":"int"}"""), Row("""{"name":"a","type":"int"}""", """{"name":"b","type":"int"}""")));
        Assert.Equal("at 'b' the field is new and has no default",
            Find(Row("""{"name":"a","type":"int"}""", """{"name":"b","type":["null","int"]}"""),
                Row("""{"name":"a","type":"int"}"""))?.ToString());
    }

    [Fact]
    public void Renamed_field_is_found_by_its_alias()
    {
        Assert.Null(Find(Row("""{"name":"b","aliases":["a"],"type":"long"}"""), Row("""{"name":"a","type":"int"}""")));
        Assert.Equal("at 'b' the type is now int, which cannot read long",
            Find(Row("""{"name":"b","aliases":["a"],"type":"int"}"""), Row("""{"name":"a","type":"long"}"""))?.ToString());
    }

    [Fact]
    public void Path_leads_through_unions_and_references_to_the_field()
    {
        const string Old =
            """{"type":"record","name":"V","fields":[{"name":"id","type":"int"},{"name":"amount","type":["null","int"],"default":null}]}""";
        var changed = Old.Replace("""["null","int"]""", """["null","string"]""", StringComparison.Ordinal);
        Assert.Equal("at 'before.amount' no branch of the union can read int", Find(Envelope(changed), Envelope(Old))?.ToString());
        Assert.Null(Find(Envelope(Old), Envelope(Old)));
    }

    [Fact]
    public void Type_inside_itself_is_compared_once()
    {
        const string Tree = """{"type":"record","name":"T","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","T"]}]}""";
        Assert.Null(Find(Tree.Replace("\"int\"", "\"long\"", StringComparison.Ordinal), Tree));
        Assert.Equal("at 'v' the type is now int, which cannot read long",
            Find(Tree, Tree.Replace("\"int\"", "\"long\"", StringComparison.Ordinal))?.ToString());
    }

    private static string Quoted(string name) => $"\"{name}\"";

    private static string Row(params string[] fields) => $$"""{"type":"record","name":"R","fields":[{{string.Join(',', fields)}}]}""";

    private static string Envelope(string row) =>
        $$"""{"type":"record","name":"Envelope","fields":[{"name":"before","type":["null",{{row}}],"default":null},{"name":"after","type":["null","V"],"default":null}]}""";

    private static SchemaIncompatibility? Find(string reader, string writer) =>
        SchemaCompatibility.Find(AvroSchemaText.Parse(reader), AvroSchemaText.Parse(writer));
}
