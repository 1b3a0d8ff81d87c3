using System.Text;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Reading;

/// <summary>What the rule costs for each row, with what a PostgreSQL source says of visibility.</summary>
public sealed class RowCostTests : IDisposable
{
    private const int Rows = 1000;

    private static readonly TableId Table = new("public", "t");

    private readonly SourceTable shape = new(
        new TableSchema(Table, [new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint")], [0]), []);

    private readonly TableSnapshots reads = new(
        Checkpoint.Empty, PostgresNotes.Instance, new ReadLimits(1 << 20, 1 << 20, 2000, 1 << 20), TimeProvider.System);

    private readonly byte[][] keys = [.. Enumerable.Range(0, Rows).Select(key => Encoding.UTF8.GetBytes($"{key:D4}"))];
    private readonly ColumnSlice[] columns = [new(0, 4, ColumnState.Value)];

    public void Dispose() => reads.Dispose();

    [Fact]
    public void A_change_and_a_row_that_is_read_allocate_nothing()
    {
        reads.Add(Table, isJoining: false);
        reads.Describe(reads.Find(Table)!, new TableDescription(shape, 1, [new PagedPart(1, Table, fileNode: 1) { Pages = 1 }], 0));
        reads.Begin(reads.FindToBegin(100)!);
        reads.TakeNotes();
        var window = reads.TryOpen(100)!;
        Observe(new TransactionMark(8));

        Assert.Equal(0, Allocation.Of(() => Observe(new TransactionMark(8))));
        using var blind = new ChunkReconciler(window, TransactionSnapshot.Parse("8:9:8"));
        using var seeing = new ChunkReconciler(window, TransactionSnapshot.Parse("9:9:"));
        Assert.Equal((0, Rows), (Kept(blind), Kept(seeing)));
        Assert.Equal(0, Allocation.Of(() => Kept(blind)));
        Assert.Equal(0, Allocation.Of(() => Kept(seeing)));
    }

    private void Observe(TransactionMark transaction)
    {
        foreach (var key in keys)
        {
            reads.Observe(new SourceChange
            {
                Table = shape,
                Operation = Operation.Delete,
                Transaction = transaction,
                OldImage = OldImage.KeyOnly,
                Before = new RowImage(key, columns),
            });
        }
    }

    private int Kept(ChunkReconciler reconciler)
    {
        var kept = 0;
        foreach (var key in keys)
            kept += reconciler.Keeps(key, columns) ? 1 : 0;
        return kept;
    }
}
