using System.Text.Json;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Testing.Avro;

namespace Cdc.Integration.Tests;

/// <summary>What we write is read the same by a reader that shares no code with us.</summary>
public class IndependentReaderTests
{
    private static readonly List<TypeSample> Samples = [.. TypeSample.All];

    [Fact]
    public async Task Values_of_every_type_are_read_by_another_reader()
    {
        var table = new TableSchema(
            new TableId("public", "orders"),
            [.. Samples.Select(sample => new ColumnSchema(sample.Name, sample.Name, sample.Type, sample.SourceType))], []);
        var rounds = Samples.Max(sample => sample.Values.Length);
        var events = Enumerable.Range(0, rounds)
            .Select(round => new TestEvent(Operation.Create) { After = [.. Samples.Select(sample => Value(sample, round)?.Write)] });
        var lines = await ReadAsync(table, events);
        Assert.Equal(rounds, lines.Count);
        for (var round = 0; round < rounds; round++)
        {
            using var line = JsonDocument.Parse(lines[round]);
            var after = line.RootElement.GetProperty("after");
            foreach (var sample in Samples)
                AssertJson(Value(sample, round)?.Json ?? "null", after.GetProperty(sample.Name));
        }
    }

    [Fact]
    public async Task Envelope_is_read_by_another_reader()
    {
        var table = new TableSchema(new TableId("public", "orders"), [new ColumnSchema("id", "id", new ColumnType.Int32(), "integer")],
            [0]);
        WriteValue one = writer => writer.WriteInt(1);
        var lines = await ReadAsync(
            table,
            [
                new TestEvent(Operation.Update) { Before = [one], After = [null], Unchanged = ["id"], Exact = [("before", "id", "NaN")] },
                new TestEvent(Operation.Read) { After = [one], Read = ("7c1f", "first") },
                new TestEvent(Operation.Truncate),
            ]);
        using var update = JsonDocument.Parse(lines[0]);
        AssertJson("""{"id":1}""", update.RootElement.GetProperty("before"));
        AssertJson("""{"id":null}""", update.RootElement.GetProperty("after"));
        AssertJson("""["id"]""", update.RootElement.GetProperty("unchanged"));
        AssertJson("""[{"image":"before","column":"id","text":"NaN"}]""", update.RootElement.GetProperty("exact"));
        AssertJson("\"u\"", update.RootElement.GetProperty("op"));
        AssertJson("\"1700000000123456\"", update.RootElement.GetProperty("source").GetProperty("ts_us"));
        using var read = JsonDocument.Parse(lines[1]);
        AssertJson("""{"snapshot":"7c1f","reason":"first"}""", read.RootElement.GetProperty("read"));
        using var truncate = JsonDocument.Parse(lines[2]);
        AssertJson("null", truncate.RootElement.GetProperty("before"));
        AssertJson("null", truncate.RootElement.GetProperty("after"));
    }

    [Fact]
    public async Task Key_is_read_by_another_reader()
    {
        var schemas = EventSchemaMapping.ToSchemas(TypeSample.Table, "my-shop.public.orders", TestSource.Schema);
        using var buffer = new PooledBuffer();
        var writer = new AvroWriter(buffer);
        writer.WriteInt(-5);
        writer.WriteBoolean(true);
        var lines = await IndependentReader.DecodeAsync(
            AvroSchemaText.Write(schemas.Key!), [buffer.WrittenSpan.ToArray()], TestContext.Current.CancellationToken);
        Assert.Equal("""{"int32":-5,"boolean":true}""", Assert.Single(lines));
    }

    [Fact]
    public async Task Source_block_is_read_by_another_reader()
    {
        var block = new PostgresSourceBlock("0.1.0", "shop", "shopdb");
        var table = block.EncodeTable(new TableId("public", "orders"));
        var streamed = Write(block, table, Streamed);
        var read = Write(block, table, Read);
        var lines = await IndependentReader.DecodeAsync(
            AvroSchemaText.Write(block.Schema), [streamed, read], TestContext.Current.CancellationToken);
        Assert.Equal(
            """{"version":"0.1.0","connector":"postgresql","name":"shop","ts_ms":"1700000000123","snapshot":"false","db":"shopdb","sequence":"[\"1000\",\"1064\"]","ts_us":"1700000000123456","ts_ns":"1700000000123456000","schema":"public","table":"orders","txId":"775","lsn":"1064","xmin":null,"origin":"elsewhere","origin_lsn":"7"}""",
            lines[0]);
        Assert.Equal(
            """{"version":"0.1.0","connector":"postgresql","name":"shop","ts_ms":"1700000000123","snapshot":"incremental","db":"shopdb","sequence":"[null,null]","ts_us":"1700000000123456","ts_ns":"1700000000123456000","schema":"public","table":"orders","txId":null,"lsn":null,"xmin":null,"origin":null,"origin_lsn":null}""",
            lines[1]);
    }

    private static void Streamed(PostgresSourceBlock block)
    {
        (block.CommittedAt, block.TransactionId, block.Lsn, block.LastCommitLsn) = (TestEvent.CommitTime, 775, 1064, 1000);
        (block.Origin, block.OriginLsn) = ("elsewhere"u8.ToArray(), 7);
    }

    private static void Read(PostgresSourceBlock block) =>
        (block.CommittedAt, block.IsRead, block.LastCommitLsn, block.Origin) = (TestEvent.CommitTime, true, 0, []);

    private static byte[] Write(PostgresSourceBlock block, byte[] table, Action<PostgresSourceBlock> set)
    {
        using var buffer = new PooledBuffer();
        set(block);
        block.Write(new AvroWriter(buffer), table);
        return buffer.WrittenSpan.ToArray();
    }

    private static Task<IReadOnlyList<string>> ReadAsync(TableSchema table, IEnumerable<TestEvent> events)
    {
        var schemas = EventSchemaMapping.ToSchemas(table, "shop.public.orders", TestSource.Schema);
        return IndependentReader.DecodeAsync(
            AvroSchemaText.Write(schemas.Value), events.Select(change => change.Encode()), TestContext.Current.CancellationToken);
    }

    // A type with fewer values than others is null in the rounds beyond them.
    private static SampleValue? Value(TypeSample sample, int round) => round < sample.Values.Length ? sample.Values[round] : null;

    private static void AssertJson(string expected, JsonElement actual)
    {
        using var document = JsonDocument.Parse(expected);
        Assert.True(JsonElement.DeepEquals(document.RootElement, actual), $"Expected {expected}, read {actual.GetRawText()}.");
    }
}
