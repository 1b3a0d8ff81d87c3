using System.Collections.Immutable;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Testing.Avro;

namespace Cdc.Contracts.Tests.Avro;

public class EventSchemaMappingTests
{
    [Fact]
    public void Table_of_every_type_comes_back_from_its_texts()
    {
        Assert.Equal(TypeSample.Table, ThroughText(TypeSample.Table, "shop.public.orders"));
    }

    [Fact]
    public void Random_tables_come_back_from_their_texts()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        for (var round = 0; round < 300; round++)
        {
            var table = RandomTable(random);
            var back = ThroughText(table, "shop.public.t");
            Assert.True(table == back,
                $"Seed {Seed}, round {round}: {string.Join(' ', table.Columns)} became {string.Join(' ', back.Columns)}.");
        }
    }

    [Fact]
    public void Same_table_gives_the_same_text()
    {
        var copy = TypeSample.Table with { Columns = [.. TypeSample.Table.Columns] };
        Assert.Equal(Text(TypeSample.Table).Value, Text(copy).Value);
        Assert.Equal(Text(TypeSample.Table).Key, Text(copy).Key);
    }

    [Fact]
    public void Record_types_are_defined_once_in_a_text()
    {
        var (key, value) = Text(TypeSample.Table);
        foreach (var name in new[] { "VariableScaleDecimal", "Point", "Value", "Envelope", "block" })
            Assert.Equal(2, value.Split($"\"name\":\"{name}\"").Length);
        Assert.Equal(2, key.Split("\"name\":\"Key\"").Length);
        Assert.Contains("""{"name":"after","type":["null","Value"],"default":null}""", value, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_follow_the_topic_and_are_adjusted_where_avro_demands()
    {
        var schemas = EventSchemaMapping.ToSchemas(TypeSample.Table, "my-shop.2nd..orders", TestSource.Schema);
        Assert.Equal("my_shop._2nd._.orders.Envelope", schemas.Value.Name.FullName);
        Assert.Equal("my-shop.2nd..orders.Envelope", schemas.Value.ConnectName);
        Assert.Equal("my_shop._2nd._.orders.Key", schemas.Key!.Name.FullName);
        Assert.Equal("my-shop.2nd..orders.Key", schemas.Key.ConnectName);
    }

    [Fact]
    public void Table_without_key_has_no_key_schema()
    {
        var table = TypeSample.Table with { Key = [] };
        Assert.Null(EventSchemaMapping.ToSchemas(table, "a.b.c", TestSource.Schema).Key);
        Assert.Equal(table, ThroughText(table, "a.b.c"));
    }

    [Fact]
    public void Envelope_ends_with_our_optional_fields()
    {
        var envelope = EventSchemaMapping.ToSchemas(TypeSample.Table, "a.b.c", TestSource.Schema).Value;
        Assert.Equal(
            ["before", "after", "source", "transaction", "op", "ts_ms", "ts_us", "ts_ns", "read", "unchanged", "exact"],
            envelope.Fields.Select(field => field.Name));
        Assert.All(envelope.Fields.Where(field => field.Name is not ("source" or "op")), field => Assert.Equal("null", field.Default));
    }

    [Fact]
    public void Field_names_are_adjusted_and_numbered_where_they_clash()
    {
        Assert.Equal(
            ["a_b", "a_b_2", "a_b_2_2", "_1st", "_", "__2", "A_b", "a_b_3"],
            AvroNames.FieldNames(["a b", "a_b", "a_b_2", "1st", "", "ü", "A_b", "a-b"]));
    }

    [Fact]
    public void Columns_added_at_the_end_leave_other_field_names_as_they_are()
    {
        string[] columns = ["a b", "a-b", "x"];
        Assert.Equal(AvroNames.FieldNames(columns), AvroNames.FieldNames([.. columns, "a_b", "a_b_2"]).Take(3));
    }

    [Theory]
    [InlineData("""{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroDuration"}""",
        "io.debezium.time.MicroDuration")]
    [InlineData("""{"type":"long","connect.version":1,"connect.name":"io.debezium.time.NanoTimestamp"}""",
        "io.debezium.time.NanoTimestamp")]
    [InlineData("""{"type":"long","connect.version":1,"connect.name":"io.debezium.time.NanoTime"}""", "io.debezium.time.NanoTime")]
    [InlineData("""{"type":"long","connect.name":"io.debezium.time.Date"}""", "io.debezium.time.Date")]
    [InlineData("""{"type":"bytes","scale":-2,"precision":3,"connect.name":"org.apache.kafka.connect.data.Decimal"}""",
        "org.apache.kafka.connect.data.Decimal")]
    [InlineData("""{"type":"string","connect.parameters":{"cdc.allowed":"[1"},"connect.name":"io.debezium.data.Enum"}""",
        "io.debezium.data.Enum")]
    [InlineData("""{"type":"record","name":"Geometry","namespace":"io.debezium.data.geometry","fields":[{"name":"wkb","type":"bytes"},{"name":"srid","type":["null","int"]}],"connect.name":"io.debezium.data.geometry.Geometry"}""", "io.debezium.data.geometry.Geometry")]
    [InlineData("""{"type":"record","name":"VariableScaleDecimal","namespace":"io.debezium.data","fields":[{"name":"value","type":"bytes"},{"name":"scale","type":"int"}]}""", "io.debezium.data.VariableScaleDecimal")]
    [InlineData("""{"type":"array","items":"int"}""", "array of int")]
    [InlineData("""{"type":"array","items":["int","null"]}""", "array of [int, null]")]
    [InlineData("""{"type":"map","values":"string"}""", "map of string")]
    [InlineData("""["null","int","string"]""", "[null, int, string]")]
    [InlineData("""{"type":"long","logicalType":"timestamp-nanos"}""", "timestamp-nanos")]
    public void Type_that_no_column_type_holds_is_refused_by_name(string type, string named)
    {
        // Invariant 4
        var error = Assert.Throws<CdcException>(() => EventSchemaMapping.FromSchemas(null, Foreign(type)));
        Assert.Same(ErrorCodes.EnvelopeUnsuitable, error.Code);
        Assert.Contains("'v'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{named}'", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, ColumnType> ForeignTypes => new()
    {
        { """{"type":"int","connect.version":1,"connect.name":"org.apache.kafka.connect.data.Date","logicalType":"date"}""",
            new ColumnType.Date() },
        { """{"type":"int","connect.version":1,"connect.name":"org.apache.kafka.connect.data.Time","logicalType":"time-millis"}""",
            new ColumnType.Time(3) },
        { """{"type":"long","connect.version":1,"connect.name":"org.apache.kafka.connect.data.Timestamp","logicalType":"timestamp-millis"}""", new ColumnType.Timestamp(3) },
        { """{"type":"int","logicalType":"date"}""", new ColumnType.Date() },
        { """{"type":"int","logicalType":"time-millis"}""", new ColumnType.Time(3) },
        { """{"type":"long","logicalType":"timestamp-millis"}""", new ColumnType.Timestamp(3) },
        { """{"type":"bytes","scale":2,"precision":64,"connect.version":1,"connect.parameters":{"scale":"2"},"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"}""", new ColumnType.Decimal(64, 2) },
        { """{"type":"bytes","scale":1,"precision":5,"logicalType":"decimal"}""", new ColumnType.Decimal(5, 1) },
        { """{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}""", new ColumnType.Timestamp(6) },
        { """{"type":"long","connect.parameters":{"__debezium.source.column.scale":"2"},"connect.name":"io.debezium.time.MicroTimestamp"}""", new ColumnType.Timestamp(6) },
        { """{"type":"long","connect.version":1,"connect.name":"io.debezium.time.Timestamp"}""", new ColumnType.Timestamp(3) },
        { """{"type":"int","connect.version":1,"connect.name":"io.debezium.time.Year"}""", new ColumnType.Int32() },
        { """{"type":"int","connect.type":"int8"}""", new ColumnType.Int16() },
        { """{"type":"string","connect.version":1,"connect.name":"io.debezium.time.IsoTimestamp"}""", new ColumnType.Text() },
        { """{"type":"string","connect.parameters":{"allowed":"a,b"},"connect.name":"io.debezium.data.EnumSet"}""", new ColumnType.Text() },
        { """{"type":"string","connect.version":1,"connect.parameters":{"allowed":"a,b"},"connect.name":"io.debezium.data.Enum"}""",
            new ColumnType.Enum(["a", "b"]) },
    };

    [Theory]
    [MemberData(nameof(ForeignTypes))]
    public void Types_of_other_modes_are_held_where_no_value_is_lost(string type, ColumnType expected)
    {
        var table = EventSchemaMapping.FromSchemas(null, Foreign(type));
        Assert.Equal(new TableId("inventory", "customers"), table.Id);
        Assert.Equal([new ColumnSchema("v", "v", expected, "")], table.Columns);
    }

    [Fact]
    public void Columns_that_are_never_null_or_have_defaults_are_learned_too()
    {
        var envelope = AvroSchemaText.Parse(
            """
            {"type":"record","name":"Envelope","namespace":"dbz.inventory.customers","fields":[
              {"name":"before","type":["null",{"type":"record","name":"Value","fields":[
                {"name":"id","type":{"type":"int","connect.default":0},"default":0},
                {"name":"email","type":"string"},
                {"name":"state","type":[{"type":"string","connect.version":1,"connect.parameters":{"allowed":"a,b"},"connect.default":"a","connect.name":"io.debezium.data.Enum"},"null"],"default":"a"},
                {"name":"at","type":["null",{"type":"record","name":"Point","namespace":"io.debezium.data.geometry","doc":"Geometry (POINT)","fields":[
                  {"name":"x","type":"double"},{"name":"y","type":"double"},{"name":"wkb","type":["null","bytes"],"default":null},{"name":"srid","type":["null","int"],"default":null}],
                  "connect.doc":"Geometry (POINT)","connect.version":1,"connect.name":"io.debezium.data.geometry.Point"}],"default":null},
                {"name":"home","type":"io.debezium.data.geometry.Point"}],
               "connect.name":"dbz.inventory.customers.Value"}],"default":null},
              {"name":"after","type":["null","Value"],"default":null}],
             "connect.version":2,"connect.name":"dbz.inventory.customers.Envelope"}
            """);
        var key = AvroSchemaText.Parse(
            """{"type":"record","name":"Key","namespace":"dbz.inventory.customers","fields":[{"name":"id","type":{"type":"int","connect.default":0},"default":0}],"connect.name":"dbz.inventory.customers.Key"}""");
        var table = EventSchemaMapping.FromSchemas(key, envelope);
        Assert.Equal([0], table.Key);
        Assert.Equal(
            [new ColumnType.Int32(), new ColumnType.Text(), new ColumnType.Enum(["a", "b"]), new ColumnType.Point(),
                new ColumnType.Point()],
            table.Columns.Select(column => column.Type));
    }

    [Theory]
    [InlineData("\"string\"", "not a record")]
    [InlineData("""{"type":"record","name":"a.b.c.Value","fields":[{"name":"id","type":"int"}]}""", "no field 'after'")]
    [InlineData("""{"type":"record","name":"a.b.c.Envelope","fields":[{"name":"after","type":["null","int"]}]}""", "not a record or null")]
    [InlineData("""{"type":"record","name":"a.b.c.Envelope","fields":[{"name":"after","type":{"type":"record","name":"V","fields":[]}}]}""",
        "no columns")]
    [InlineData("""{"type":"record","name":"Envelope","fields":[{"name":"after","type":{"type":"record","name":"V","fields":[{"name":"a","type":"int"}]}}]}""", "not named after")]
    [InlineData("""{"type":"record","name":"a.b.c.Envelope","fields":[{"name":"before","type":{"type":"record","name":"W","fields":[]}},{"name":"after","type":{"type":"record","name":"V","fields":[{"name":"a","type":"int"}]}}]}""", "two types")]
    [InlineData("""{"type":"record","name":"a.b.c.Envelope","fields":[{"name":"after","type":{"type":"record","name":"V","fields":[{"name":"a","type":"int"},{"name":"b","type":{"type":"int","connect.parameters":{"__debezium.source.column.name":"a"}}}]}}]}""", "two fields")]
    public void Rejects_schemas_that_are_not_an_events(string text, string found)
    {
        var error = Assert.Throws<CdcException>(() => EventSchemaMapping.FromSchemas(null, AvroSchemaText.Parse(text)));
        Assert.Same(ErrorCodes.EnvelopeUnsuitable, error.Code);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"int\"", "not a record")]
    [InlineData("""{"type":"record","name":"K","fields":[{"name":"w","type":"int"}]}""", "not a field of the value")]
    [InlineData("""{"type":"record","name":"K","fields":[{"name":"v","type":"long"}]}""", "another type")]
    public void Rejects_keys_that_do_not_fit_the_value(string key, string found)
    {
        var error = Assert.Throws<CdcException>(() => EventSchemaMapping.FromSchemas(AvroSchemaText.Parse(key), Foreign("\"int\"")));
        Assert.Same(ErrorCodes.EnvelopeUnsuitable, error.Code);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    private static AvroSchema Foreign(string type) => AvroSchemaText.Parse(
        $$$"""{"type":"record","name":"Envelope","namespace":"dbz.inventory.customers","fields":[{"name":"after","type":{"type":"record","name":"Value","fields":[{"name":"v","type":{{{type}}}}]}}],"connect.name":"dbz.inventory.customers.Envelope"}""");

    private static (string Key, string Value) Text(TableSchema table)
    {
        var schemas = EventSchemaMapping.ToSchemas(table, "shop.public.orders", TestSource.Schema);
        return (schemas.Key is null ? "" : AvroSchemaText.Write(schemas.Key), AvroSchemaText.Write(schemas.Value));
    }

    private static TableSchema ThroughText(TableSchema table, string topic)
    {
        var schemas = EventSchemaMapping.ToSchemas(table, topic, TestSource.Schema);
        var key = schemas.Key is null ? null : AvroSchemaText.Parse(AvroSchemaText.Write(schemas.Key));
        return EventSchemaMapping.FromSchemas(key, AvroSchemaText.Parse(AvroSchemaText.Write(schemas.Value)));
    }

    private static TableSchema RandomTable(Random random)
    {
        var names = Enumerable.Range(0, random.Next(1, 30)).Select(i => RandomName(random) + i).ToList();
        var fields = AvroNames.FieldNames(names);
        var columns = names.Select((name, i) => new ColumnSchema(name, fields[i], RandomType(random, 0), RandomName(random)))
            .ToImmutableArray();
        var key = Enumerable.Range(0, columns.Length).OrderBy(_ => random.Next()).Take(random.Next(0, 4)).ToImmutableArray();
        return new TableSchema(new TableId(RandomName(random), RandomName(random)), columns, key);
    }

    private static string RandomName(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => "aB1_ .\"\\ü漢'/"[random.Next(12)]));

    private static ColumnType RandomType(Random random, int depth) => random.Next(depth > 2 ? 8 : 9) switch
    {
        0 => new ColumnType.Time(random.Next(7)),
        1 => new ColumnType.Timestamp(random.Next(7)),
        2 => new ColumnType.ZonedTimestamp(random.Next(7)),
        3 => new ColumnType.ZonedTime(random.Next(7)),
        4 => new ColumnType.Bits(random.Next(1, 100)),
        5 => new ColumnType.Enum(
            [.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomName(random) + (random.Next(3) == 0 ? "," : ""))]),
        6 => new ColumnType.Decimal(random.Next(10, 1000), random.Next(10)),
        7 => TypeSample.All[random.Next(TypeSample.All.Length)].Type,
        _ => new ColumnType.Array(RandomType(random, depth + 1)),
    };
}
