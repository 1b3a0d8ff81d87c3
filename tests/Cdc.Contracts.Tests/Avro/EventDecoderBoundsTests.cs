using System.Diagnostics;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Testing;
using Cdc.Testing.Avro;

namespace Cdc.Contracts.Tests.Avro;

/// <summary>What a decoder costs: nothing for good events, no more than their length for hostile ones.</summary>
public class EventDecoderBoundsTests
{
    [Fact]
    public void Decoding_allocates_nothing()
    {
        var (decoder, body) = TenColumns();
        long sum = 0;
        Assert.Equal(0, Allocation.Of(() => sum += Sum(decoder, body, 10_000)));
        Assert.NotEqual(0, sum);
    }

    [Fact]
    public void Mutated_events_are_read_or_refused_with_a_code()
    {
        const int Seed = 99_173;
        var random = new Random(Seed);
        var schemas = EventSchemaMapping.ToSchemas(TypeSample.Table, "shop.public.orders", TestSource.Schema);
        var decoder = new EventDecoder(schemas.Value, schemas.Key);
        var valid = Everything().Encode();
        decoder.Decode(valid);
        for (var round = 0; round < 4_000; round++)
        {
            var body = Mutate(valid, random);
            var error = Record.Exception(() => EventDecoderTests.Decode(decoder, body));
            Assert.True(error is null or CdcException { Code.Number: 4001 },
                $"Seed {Seed}, round {round}, {Convert.ToHexString(body)}: {error}");
        }
    }

    [Fact]
    public void Random_bytes_are_refused_with_a_code()
    {
        const int Seed = 5_005;
        var random = new Random(Seed);
        var schemas = EventSchemaMapping.ToSchemas(TypeSample.Table, "shop.public.orders", TestSource.Schema);
        var decoder = new EventDecoder(schemas.Value, schemas.Key);
        for (var round = 0; round < 4_000; round++)
        {
            var body = new byte[random.Next(300)];
            random.NextBytes(body);
            var error = Record.Exception(() => EventDecoderTests.Decode(decoder, body));
            Assert.True(error is CdcException { Code.Number: 4001 }, $"Seed {Seed}, round {round}, {Convert.ToHexString(body)}: {error}");
            var keyError = Record.Exception(() => { _ = decoder.DecodeKey(body); });
            Assert.True(keyError is null or CdcException { Code.Number: 4001 },
                $"Seed {Seed}, round {round}, key {Convert.ToHexString(body)}: {keyError}");
        }
    }

    [Fact]
    public void Refusing_does_not_hold_memory_for_a_promised_length()
    {
        var (decoder, body) = TenColumns();
        using var buffer = new PooledBuffer();
        var writer = new AvroWriter(buffer);
        writer.WriteUnionIndex(0);
        writer.WriteUnionIndex(1);
        writer.WriteUnionIndex(1);
        writer.WriteLong(1);
        writer.WriteUnionIndex(1);
        writer.WriteLong(int.MaxValue);
        var hostile = buffer.WrittenSpan.ToArray();
        Assert.Throws<CdcException>(() => EventDecoderTests.Decode(decoder, hostile));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CdcException>(() => EventDecoderTests.Decode(decoder, hostile));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        decoder.Decode(body);
    }

    [Theory]
    [InlineData("""{"type":"array","items":{"type":"array","items":"null"}}""")]
    [InlineData("""{"type":"array","items":{"type":"array","items":{"type":"record","name":"N","fields":[{"name":"a","type":"null"},{"name":"b","type":{"type":"fixed","name":"F","size":0}}]}}}""")]
    public void Items_of_no_bytes_cost_no_time(string type)
    {
        using var buffer = new PooledBuffer();
        var writer = new AvroWriter(buffer);
        const int Arrays = 100_000;
        writer.WriteBlockCount(Arrays);
        for (var i = 0; i < Arrays; i++)
        {
            writer.WriteBlockCount(Arrays - i);
            writer.WriteBlockCount(0);
        }

        writer.WriteBlockCount(0);
        var clock = Stopwatch.StartNew();
        DecodeWithExtra(type, buffer.WrittenSpan);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"It took {clock.Elapsed} to pass over {buffer.Length} bytes.");
    }

    [Fact]
    public void Values_nested_without_end_are_refused()
    {
        var list = """{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"]}]}""";
        var error = Assert.Throws<CdcException>(() => DecodeWithExtra(list, [.. Enumerable.Repeat((byte)2, 100_000), 0]));
        Assert.Same(ErrorCodes.AvroMalformed, error.Code);
        Assert.Contains("deeper", error.Message, StringComparison.Ordinal);
        DecodeWithExtra(list, [2, 2, 2, 0]);
    }

    [Fact]
    public void Record_that_holds_itself_is_refused()
    {
        var error = Assert.Throws<CdcException>(() =>
            DecodeWithExtra("""{"type":"record","name":"R","fields":[{"name":"a","type":"R"},{"name":"b","type":"R"}]}""", []));
        Assert.Contains("deeper", error.Message, StringComparison.Ordinal);
    }

    private static void DecodeWithExtra(string type, ReadOnlySpan<byte> extra)
    {
        var schema = AvroSchemaText.Parse(
            """{"type":"record","name":"a.b.c.Envelope","fields":[{"name":"extra","type":TYPE},{"name":"op","type":"string"},{"name":"source","type":{"type":"record","name":"S","fields":[{"name":"ts_ms","type":"long"}]}},{"name":"after","type":["null",{"type":"record","name":"V","fields":[{"name":"a","type":"int"}]}]}]}"""
                .Replace("TYPE", type, StringComparison.Ordinal));
        new EventDecoder(schema, null).Decode([.. extra, 2, (byte)'t', 0, 0]);
    }

    private static TestEvent Everything()
    {
        List<WriteValue?> row = [];
        foreach (var sample in TypeSample.All)
        {
            row.Add(sample.Values.IsEmpty ? null : sample.Values[0].Write);
            row.Add(sample.Values.IsEmpty ? null : sample.Values[^1].Write);
        }

        return new TestEvent(Operation.Update)
        {
            Before = row, After = row, Read = ("id", "first"), Unchanged = ["text", "bytes again"],
            Exact = [("before", "decimal", "NaN"), ("after", "array_int", "{{1}}")],
        };
    }

    private static byte[] Mutate(byte[] valid, Random random)
    {
        var body = valid.AsSpan(0, random.Next(4) == 0 ? random.Next(valid.Length) : valid.Length).ToArray();
        for (var i = random.Next(1, 5); i > 0 && body.Length > 0; i--)
            body[random.Next(body.Length)] = (byte)(random.Next(3) == 0 ? random.Next(4) : random.Next(256));
        return body;
    }

    private static long Sum(EventDecoder decoder, byte[] body, int rounds)
    {
        var sum = 0L;
        for (var i = 0; i < rounds; i++)
        {
            var change = decoder.Decode(body);
            sum += change.CommittedAt + change.After.Bytes(9).Length;
        }

        return sum;
    }

    private static (EventDecoder Decoder, byte[] Body) TenColumns()
    {
        ColumnType[] types =
        [
            new ColumnType.Int64(), new ColumnType.Text(), new ColumnType.Text(), new ColumnType.Decimal(10, 2),
            new ColumnType.Timestamp(6),
            new ColumnType.Boolean(), new ColumnType.Int32(), new ColumnType.Float64(), new ColumnType.Text(),
            new ColumnType.ZonedTimestamp(6),
        ];
        var table = new TableSchema(new TableId("public", "orders"),
            [.. types.Select((type, i) => new ColumnSchema($"c{i}", $"c{i}", type, "x"))], [0]);
        var schemas = EventSchemaMapping.ToSchemas(table, "shop.public.orders", TestSource.Schema);
        var body = new TestEvent(Operation.Create)
        {
            After =
            [
                w => w.WriteLong(123_456_789), w => w.WriteString("a customer's name"), w => w.WriteString(new string('x', 60)),
                w => w.WriteBytes([1, 2, 3]),
                w => w.WriteLong(1_700_000_000_123_456), w => w.WriteBoolean(true), w => w.WriteInt(4_000), w => w.WriteDouble(3.25), null,
                w => w.WriteString("2024-02-29T23:59:59.123456Z"),
            ],
        }.Encode();
        return (new EventDecoder(schemas.Value, schemas.Key), body);
    }
}
