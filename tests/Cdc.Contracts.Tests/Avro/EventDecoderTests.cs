using System.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Testing.Avro;

namespace Cdc.Contracts.Tests.Avro;

public class EventDecoderTests
{
    private static readonly TableSchema Orders = new(
        new TableId("public", "orders"),
        [
            new ColumnSchema("id", "id", new ColumnType.Int32(), "integer"),
            new ColumnSchema("note text", "note_text", new ColumnType.Text(), "text"),
            new ColumnSchema("price", "price", new ColumnType.Decimal(10, 2), "numeric(10,2)"),
        ],
        [0]);

    [Fact]
    public void Update_has_both_images_and_its_source()
    {
        var body = new TestEvent(Operation.Update) { Before = [Int(1), null, null], After = [Int(1), Text("hällo"), Price(0x7b)] }.Encode();
        var change = Decoder(Orders).Decode(body);
        Assert.Equal(Operation.Update, change.Operation);
        Assert.Equal(TestEvent.CommitTime, change.CommittedAt);
        Assert.Equal("public", Encoding.UTF8.GetString(change.Schema));
        Assert.Equal("orders", Encoding.UTF8.GetString(change.Table));
        Assert.True(change.Snapshot.IsEmpty);
        Assert.Equal([ColumnState.Value, ColumnState.Null, ColumnState.Null], States(change.Before));
        Assert.Equal([ColumnState.Value, ColumnState.Value, ColumnState.Value], States(change.After));
        Assert.Equal(1, new AvroReader(change.After.Bytes(0)).ReadInt());
        Assert.Equal("hällo", new AvroReader(change.After.Bytes(1)).ReadString());
        Assert.Equal("\u0002{"u8, change.After.Bytes(2));
    }

    [Fact]
    public void Read_tells_its_snapshot()
    {
        var body = new TestEvent(Operation.Read) { After = [Int(1), null, null], Read = ("s-7", "repair") }.Encode();
        var change = Decoder(Orders).Decode(body);
        Assert.Equal(Operation.Read, change.Operation);
        Assert.True(change.Before.IsEmpty);
        Assert.Equal("s-7"u8, change.Snapshot);
        Assert.Equal("repair"u8, change.Reason);
    }

    [Fact]
    public void Unchanged_columns_are_marked_whatever_stands_in_their_place()
    {
        var body = new TestEvent(Operation.Update)
        {
            Before = [Int(1), Text("old"), null],
            After = [Int(1), Text("__debezium_unavailable_value"), null],
            Unchanged = ["note text", "price"],
        }.Encode();
        var change = Decoder(Orders).Decode(body);
        Assert.Equal([ColumnState.Value, ColumnState.Unchanged, ColumnState.Unchanged], States(change.After));
        Assert.Equal([ColumnState.Value, ColumnState.Value, ColumnState.Null], States(change.Before));
        Assert.True(change.After.Bytes(1).IsEmpty);
    }

    [Fact]
    public void Exact_values_are_the_text_itself()
    {
        var body = new TestEvent(Operation.Update)
        {
            Before = [Int(1), null, null],
            After = [Int(1), null, null],
            Exact = [("after", "price", "NaN"), ("before", "price", "-Infinity")],
        }.Encode();
        var change = Decoder(Orders).Decode(body);
        Assert.Equal(ColumnState.Exact, change.After.State(2));
        Assert.Equal("NaN"u8, change.After.Bytes(2));
        Assert.Equal("-Infinity"u8, change.Before.Bytes(2));
    }

    [Fact]
    public void Column_that_is_left_out_is_read_over_whatever_is_said_of_it()
    {
        var schemas = EventSchemaMapping.ToSchemas(Orders with { Key = [2, 0] }, "shop.public.orders", TestSource.Schema);
        var decoder = new EventDecoder(schemas.Value, schemas.Key, _ => ["note text"]);
        Assert.Equal(["id", "price"], decoder.Schema.Columns.Select(column => column.Name));
        Assert.Equal([1, 0], decoder.Schema.Key);
        var body = new TestEvent(Operation.Update)
        {
            Before = [Int(1), Text("old"), null],
            After = [Int(1), Text("new"), null],
            Unchanged = ["price", "note text"],
            Exact = [("before", "note text", "NaN"), ("before", "price", "NaN")],
        }.Encode();
        var change = decoder.Decode(body);
        Assert.Equal([ColumnState.Value, ColumnState.Unchanged], States(change.After));
        Assert.Equal([ColumnState.Value, ColumnState.Exact], States(change.Before));
    }

    [Fact]
    public void Truncate_has_no_images()
    {
        var change = Decoder(Orders).Decode(new TestEvent(Operation.Truncate).Encode());
        Assert.True(change.Before.IsEmpty && change.After.IsEmpty);
    }

    [Fact]
    public void Images_of_one_event_do_not_leak_into_the_next()
    {
        var decoder = Decoder(Orders);
        decoder.Decode(new TestEvent(Operation.Update)
        {
            Before = [Int(1), Text("x"), null], After = [Int(1), null, null], Unchanged = ["price"], Read = ("a", "b"),
        }.Encode());
        var change = decoder.Decode(new TestEvent(Operation.Create) { After = [Int(2), null, null] }.Encode());
        Assert.True(change.Before.IsEmpty);
        Assert.True(change.Snapshot.IsEmpty);
        Assert.Equal([ColumnState.Value, ColumnState.Null, ColumnState.Null], States(change.After));
    }

    [Fact]
    public void Key_has_values_in_its_columns_only()
    {
        var schemas = EventSchemaMapping.ToSchemas(Orders with { Key = [2, 0] }, "shop.public.orders", TestSource.Schema);
        var decoder = new EventDecoder(schemas.Value, schemas.Key);
        using var buffer = new PooledBuffer();
        Price(5)(new AvroWriter(buffer));
        Int(300)(new AvroWriter(buffer));
        var key = decoder.DecodeKey(buffer.WrittenSpan);
        Assert.Equal([ColumnState.Value, ColumnState.Null, ColumnState.Value], States(key));
        Assert.Equal(300, new AvroReader(key.Bytes(0)).ReadInt());
        Assert.Equal("\u0002\u0005"u8, key.Bytes(2));
    }

    [Fact]
    public void Key_where_there_should_be_none_is_refused()
    {
        var decoder = Decoder(Orders with { Key = [] });
        Assert.Same(ErrorCodes.EnvelopeUnsuitable, Assert.Throws<CdcException>(() => decoder.DecodeKey([2])).Code);
    }

    [Fact]
    public void Values_of_every_type_are_cut_out_whole()
    {
        var samples = TypeSample.All.Where(sample => !sample.Values.IsEmpty).ToList();
        var table = new TableSchema(
            new TableId("public", "orders"),
            [.. samples.Select((sample, i) => new ColumnSchema(sample.Name, $"f{i}", sample.Type, sample.SourceType))], []);
        var decoder = Decoder(table);
        for (var round = 0; round < 3; round++)
        {
            var values = samples.Select(sample => sample.Values[Math.Min(round, sample.Values.Length - 1)].Write).ToList();
            var change = decoder.Decode(new TestEvent(Operation.Create) { After = values }.Encode());
            for (var i = 0; i < values.Count; i++)
            {
                using var expected = new PooledBuffer();
                values[i](new AvroWriter(expected));
                Assert.Equal(ColumnState.Value, change.After.State(i));
                Assert.Equal(expected.WrittenSpan, change.After.Bytes(i));
            }
        }
    }

    [Fact]
    public void Foreign_order_of_fields_and_branches_is_followed()
    {
        var schema = AvroSchemaText.Parse(
            """
            {"type":"record","name":"Envelope","namespace":"dbz.inventory.customers","fields":[
              {"name":"op","type":"string"},
              {"name":"extra","type":{"type":"map","values":["null",{"type":"array","items":"null"},{"type":"enum","name":"E","symbols":["A","B"]},{"type":"fixed","name":"F","size":3}]}},
              {"name":"unchanged","type":[{"type":"array","items":"string"},"null"]},
              {"name":"source","type":{"type":"record","name":"Source","fields":[{"name":"table","type":"string"},{"name":"ts_ms","type":"long"},{"name":"db","type":"string"}]}},
              {"name":"after","type":[{"type":"record","name":"Value","fields":[{"name":"name","type":["string","null"]},{"name":"id","type":"int"}]},"null"]}],
             "connect.name":"dbz.inventory.customers.Envelope"}
            """);
        using var buffer = new PooledBuffer();
        var writer = new AvroWriter(buffer);
        writer.WriteString("u");
        WriteExtraMap(writer);
        writer.WriteUnionIndex(0);
        writer.WriteBlockCount(-1);
        writer.WriteLong(3);
        writer.WriteString("id");
        writer.WriteBlockCount(0);
        writer.WriteString("customers");
        writer.WriteLong(1_700_000_000_123);
        writer.WriteString("inventory");
        writer.WriteUnionIndex(0);
        writer.WriteUnionIndex(0);
        writer.WriteString("Ada");
        writer.WriteInt(7);

        var change = new EventDecoder(schema, null).Decode(buffer.WrittenSpan);
        Assert.Equal(Operation.Update, change.Operation);
        Assert.Equal(1_700_000_000_123_000, change.CommittedAt);
        Assert.Equal("inventory"u8, change.Schema);
        Assert.Equal("customers"u8, change.Table);
        Assert.True(change.Before.IsEmpty);
        Assert.Equal("Ada", new AvroReader(change.After.Bytes(0)).ReadString());
        Assert.Equal(ColumnState.Unchanged, change.After.State(1));
    }

    [Theory]
    [InlineData("\"int\"", "\"op\"", "\"string\"", "is not of type 'string'")]
    [InlineData("\"string\"", "\"OP\"", "\"string\"", "no field 'op'")]
    [InlineData("\"string\"", "\"op\"", "\"long\"", "'unchanged'")]
    [InlineData("[\"null\",\"string\",\"int\"]", "\"op\"", "\"string\"", "is not of type 'string'")]
    public void Rejects_an_envelope_it_cannot_read(string opType, string opName, string unchangedItems, string found)
    {
        var text =
            """{"type":"record","name":"a.b.c.Envelope","fields":[{"name":NAME,"type":OP},{"name":"source","type":{"type":"record","name":"S","fields":[{"name":"ts_ms","type":"long"}]}},{"name":"unchanged","type":{"type":"array","items":ITEMS}},{"name":"after","type":{"type":"record","name":"V","fields":[{"name":"a","type":"int"}]}}]}"""
            .Replace("NAME", opName, StringComparison.Ordinal).Replace("OP}", opType + "}", StringComparison.Ordinal)
            .Replace("ITEMS", unchangedItems, StringComparison.Ordinal);
        var error = Assert.Throws<CdcException>(() => new EventDecoder(AvroSchemaText.Parse(text), null));
        Assert.Same(ErrorCodes.EnvelopeUnsuitable, error.Code);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, TestEvent> Unfit => new()
    {
        { "operation", new TestEvent((Operation)'m') { After = [Int(1), null, null] } },
        { "images", new TestEvent(Operation.Create) },
        { "images", new TestEvent(Operation.Update) { Before = [Int(1), null, null] } },
        { "images", new TestEvent(Operation.Delete) { After = [Int(1), null, null] } },
        { "images", new TestEvent(Operation.Truncate) { Before = [Int(1), null, null] } },
        { "names a column", new TestEvent(Operation.Create) { After = [Int(1), null, null], Unchanged = ["other"] } },
        { "more columns", new TestEvent(Operation.Create) { After = [Int(1), null, null], Unchanged = ["id", "id", "id", "id"] } },
        { "more columns", new TestEvent(Operation.Delete) { Before = [Int(1), null, null], Unchanged = ["id"] } },
        { "not there", new TestEvent(Operation.Create) { After = [Int(1), null, null], Exact = [("before", "id", "1")] } },
        { "not there", new TestEvent(Operation.Create) { After = [Int(1), null, null], Exact = [("later", "id", "1")] } },
        { "names a column", new TestEvent(Operation.Create) { After = [Int(1), null, null], Exact = [("after", "other", "1")] } },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void Rejects_events_that_contradict_themselves(string found, TestEvent change)
    {
        // Invariant 4
        var error = Assert.Throws<CdcException>(() => Decode(Decoder(Orders), change.Encode()));
        Assert.Same(ErrorCodes.AvroMalformed, error.Code);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_bytes_after_the_end()
    {
        var body = new TestEvent(Operation.Truncate).Encode();
        Assert.Contains("left after", Assert.Throws<CdcException>(() => Decode(Decoder(Orders), [.. body, 0])).Message,
            StringComparison.Ordinal);
        Assert.Contains("left after", Assert.Throws<CdcException>(() => Decoder(Orders).DecodeKey([2, 0])).Message,
            StringComparison.Ordinal);
    }

    internal static void Decode(EventDecoder decoder, byte[] body) => _ = decoder.Decode(body);

    private static void WriteExtraMap(AvroWriter writer)
    {
        writer.WriteBlockCount(3);
        writer.WriteString("nulls");
        writer.WriteUnionIndex(1);
        writer.WriteBlockCount(40);
        writer.WriteBlockCount(0);
        writer.WriteString("enum");
        writer.WriteUnionIndex(2);
        writer.WriteInt(1);
        writer.WriteString("fixed");
        writer.WriteUnionIndex(3);
        writer.Buffer.Write([1, 2, 3]);
        writer.WriteBlockCount(0);
    }

    private static EventDecoder Decoder(TableSchema table)
    {
        var schemas = EventSchemaMapping.ToSchemas(table, "shop.public.orders", TestSource.Schema);
        return new EventDecoder(schemas.Value, schemas.Key);
    }

    private static ColumnState[] States(RowImage image) => [.. image.Columns.ToArray().Select(column => column.State)];

    private static WriteValue Int(int value) => writer => writer.WriteInt(value);

    private static WriteValue Text(string value) => writer => writer.WriteString(value);

    private static WriteValue Price(byte unscaled) => writer => writer.WriteBytes([unscaled]);
}
