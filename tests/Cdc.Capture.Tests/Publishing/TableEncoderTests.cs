using System.Text;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Types;
using Cdc.Capture.Publishing;
using Cdc.Capture.Sources;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Publishing;

public sealed class TableEncoderTests
{
    [Fact]
    public void Each_change_carries_the_time_at_which_it_was_handled()
    {
        using var encoder = Encoder();
        using var batch = Batch();
        long[] times = [0, 1_700_000_000_000_000, 1_700_000_000_000_000, 1_700_000_000_000_001, 5];
        foreach (var now in times)
            Encode(encoder, batch, now);

        using var expected = Batch();
        foreach (var now in times)
        {
            using var fresh = Encoder();
            Encode(fresh, expected, now);
        }

        Assert.Equal(expected.Buffer.WrittenSpan, batch.Buffer.WrittenSpan);
    }

    private static RecordBatch Batch()
    {
        var partitions = new PartitionTable();
        partitions.Add(new TopicPartition("t.public.names", 0));
        return new RecordBatch(partitions);
    }

    private static TableEncoder Encoder()
    {
        var schema = new TableSchema(new TableId("public", "names"), [new ColumnSchema("name", "name", new ColumnType.Text(), "text")],
            [0]);
        return new TableEncoder(
            new SourceTable(schema, [TextTranscoder.Instance]), new PostgresSourceBlock("1", "t", "db"),
            new TablePlacement("t.public.names", [0], 1, 2));
    }

    private static void Encode(TableEncoder encoder, RecordBatch batch, long now)
    {
        var bytes = Encoding.UTF8.GetBytes("somebody");
        var after = new RowImage(bytes, [new ColumnSlice(0, bytes.Length, ColumnState.Value)]);
        encoder.Encode(new SourceChange { Table = encoder.Table, Operation = Operation.Create, After = after }, batch, now);
    }
}
