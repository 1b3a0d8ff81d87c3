using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;
using Cdc.Sink.Consuming;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Tests.Consuming;

public sealed class SinkBatchTests
{
    private const int Rows = 10_000;
    private const int ValueBytes = 200;
    private const long Kept = 16 << 20;

    // Invariant 7
    [Fact]
    public void Memory_does_not_grow_with_the_number_of_tables_that_were_filled()
    {
        var batch = new SinkBatch(new BatchOptions(), TimeProvider.System, new BatchPool(Kept));
        var tables = Enumerable.Range(0, 80).Select(Table).ToList();
        Fill(batch, tables[0]);
        var one = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var table in tables)
            Fill(batch, table);
        var all = GC.GetTotalMemory(forceFullCollection: true);

        Assert.InRange(all - one, long.MinValue, 2 * Kept); // Of a batch a table it would be 280 MB.
        GC.KeepAlive(tables);
        GC.KeepAlive(batch);
    }

    [Fact]
    public void Memory_of_a_refused_table_goes_back_too()
    {
        var pool = new BatchPool(Kept);
        var batch = new SinkBatch(new BatchOptions(), TimeProvider.System, pool);
        var (refused, other) = (Table(0), Table(1));
        Add(batch, refused, 1);
        Add(batch, other, 1);
        refused.Refuse();
        batch.DropRefused();

        Assert.Equal(other, Assert.Single(batch.Steps).Table);
        Assert.InRange(pool.IdleBytes, 1, Kept);
    }

    [Fact]
    public void Rows_of_a_table_that_comes_again_in_the_same_batch_are_whole()
    {
        var pool = new BatchPool(Kept);
        var batch = new SinkBatch(new BatchOptions(), TimeProvider.System, pool);
        var table = Table(0);
        Add(batch, table, 3);
        batch.Clear();
        Add(batch, table, 2);

        Assert.Equal(2, Assert.IsType<BatchStep.Rows>(Assert.Single(batch.Steps)).Compactor.Batch.Count);
    }

    private static void Fill(SinkBatch batch, SinkTable table)
    {
        Add(batch, table, Rows);
        batch.Clear();
    }

    private static SinkTable Table(int number) =>
        new($"t{number}", new TableId("public", $"t{number}"), new TargetName("public", $"t{number}"));

    private static TableSchema Schema(SinkTable table) => new(
        table.Source,
        [
            new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint"), new ColumnSchema("v", "v", new ColumnType.Text(), "text"),
        ], [0]);

    private static void Add(SinkBatch batch, SinkTable table, int rows)
    {
        var schema = Schema(table);
        var image = new byte[8 + ValueBytes];
        ColumnSlice[] columns = [new(0, 8, ColumnState.Value), new(8, ValueBytes, ColumnState.Value)];
        for (var row = 0; row < rows; row++)
        {
            BitConverter.TryWriteBytes(image, (long)row);
            batch.Add(table, schema, Operation.Create, image.AsSpan(0, 8), new RowImage(image, columns),
                new BatchRow(default, 0, row, 0, HasUnchanged: false));
        }

        batch.MoveTo(new TopicPartition(table.Topic, 0), new PartitionProgress(rows, rows, null));
    }
}
