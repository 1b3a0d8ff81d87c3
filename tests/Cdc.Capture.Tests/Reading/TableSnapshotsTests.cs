using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Publishing;
using Cdc.Capture.Reading;
using Cdc.Capture.Requests;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Reading;

/// <summary>When snapshots begin and end, and what the checkpoint notes of it.</summary>
public sealed partial class TableSnapshotsTests : IDisposable
{
    private static readonly TableId Table = new("public", "t");
    private static readonly ReadLimits Limits = new(1 << 14, 1 << 20, 100, 1 << 20);
    private readonly Dictionary<string, string> checkpoint = new(StringComparer.Ordinal);
    private readonly SourceTable shape = new(new TableSchema(Table, [new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint")], [0]),
        []);
    private TableSnapshots reads = new(Checkpoint.Empty, PostgresNotes.Instance, Limits, TimeProvider.System);

    public void Dispose() => reads.Dispose();

    [Fact]
    public void No_window_is_opened_before_the_start_was_handed_over()
    {
        Start(pages: 1);
        var table = reads.FindToBegin(0)!;
        reads.Begin(table);
        Assert.True(reads.HasNews);
        Assert.Null(reads.TryOpen(0));

        var edge = Assert.Single(Append());

        Assert.Equal((Table, table.SnapshotId, EdgeSide.Begin), (edge.Table, edge.SnapshotId, edge.Side));
        Assert.NotNull(reads.TryOpen(0));
        Assert.Empty(Append());
    }

    // Invariant 3
    [Fact]
    public void End_goes_with_the_last_chunk_and_begin_is_not_noted_twice_over_a_restart()
    {
        Start(pages: 1);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        var id = reads.Find(Table)!.SnapshotId;
        Restart();
        Describe(pages: 1);

        Read();

        var edge = Assert.Single(Append());
        Assert.Equal((id, EdgeSide.End), (edge.SnapshotId, edge.Side));
        Restart();
        Assert.Equal(TableState.Complete, reads.Find(Table)!.State);
        Assert.Empty(Append());
    }

    // Invariant 6
    [Fact]
    public void Request_for_all_tables_begins_a_lineage_and_one_again_that_is_being_read()
    {
        Start(pages: 1);
        reads.Begin(reads.FindToBegin(0)!);
        reads.TakeNotes();

        Assert.Same(reads.Find(Table), Assert.Single(reads.Take([ResyncRequest.For(["public.t"])])));
        Assert.False(reads.TakeNotes().BeginsLineage);
        Assert.Equal(TableState.Reading, reads.Find(Table)!.State);

        Assert.Single(reads.Take([ResyncRequest.For([ResyncRequest.All])]));
        Assert.Equal((TableState.Waiting, "gap"), (reads.Find(Table)!.State, reads.Find(Table)!.Reason));
        Assert.True(reads.TakeNotes().BeginsLineage);
        Assert.False(reads.TakeNotes().BeginsLineage);
    }

    [Fact]
    public void Table_without_files_begins_and_ends_in_one_append()
    {
        reads.Add(Table, isJoining: false);
        reads.Describe(reads.Find(Table)!, new TableDescription(shape, 1, [], 0));
        reads.Begin(reads.FindToBegin(0)!);

        Assert.Equal([EdgeSide.Begin, EdgeSide.End], Append().Select(edge => edge.Side));
        Assert.Equal(TableState.Complete, reads.Find(Table)!.State);
    }

    [Fact]
    public void Table_that_starts_again_has_another_id()
    {
        Start(pages: 1);
        reads.Begin(reads.FindToBegin(0)!);
        var first = Append().Single().SnapshotId;
        reads.Describe(reads.Find(Table)!, new TableDescription(shape, 1, [new PagedPart(1, Table, fileNode: 2) { Pages = 1 }], 0));
        Assert.Equal(TableState.Waiting, reads.Find(Table)!.State);

        CatchUp();
        Describe(pages: 1);
        reads.Begin(reads.FindToBegin(100)!);

        Assert.NotEqual(first, Append().Single().SnapshotId);
        Assert.Equal("first", reads.Find(Table)!.Reason);
    }

    [Fact]
    public void Asking_joins_a_read_that_runs_and_starts_one_that_is_done_or_stopped()
    {
        Start(pages: 1);
        var table = reads.Find(Table)!;
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        reads.Ask(table);
        Assert.Equal((TableState.Reading, "first"), (table.State, table.Reason));

        Read();
        reads.Ask(table);
        Assert.Equal((TableState.Waiting, "gap"), (table.State, table.Reason));
        Assert.Empty(Append()); // The end of what was asked away counts no more.
        Restart();
        table = reads.Find(Table)!;
        Assert.Equal((TableState.Waiting, "gap"), (table.State, table.Reason));
        table.Health.Stop(Troubles.Some);
        reads.Ask(table);
        Assert.Equal((TableState.Waiting, "gap"), (table.State, table.Reason));
    }

    [Fact]
    public void Asking_before_the_first_read_says_why_it_is_read()
    {
        Start(pages: 1);
        reads.Ask(reads.Find(Table)!);
        Append();
        Restart();

        Assert.Equal((TableState.Waiting, "gap"), (reads.Find(Table)!.State, reads.Find(Table)!.Reason));
    }

    [Fact]
    public void Reading_again_waits_until_the_stream_has_caught_up()
    {
        Start(pages: 1);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();
        reads.Ask(reads.Find(Table)!);
        Describe(pages: 1);

        Assert.Null(reads.FindToBegin(1000));
        CatchUp();
        Assert.Null(reads.FindToBegin(99));
        Assert.NotNull(reads.FindToBegin(100));
    }

    [Fact]
    public void Behind_a_gap_every_table_that_is_there_is_read_again_and_nothing_else_is_known()
    {
        Start(pages: 1);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        var other = new TableId("public", "other");

        reads.AddAllAgain([other, Table], isJoining: true);
        Append();
        Restart();

        Assert.Equal(2, reads.Tables.Count);
        Assert.All(reads.Tables, table => Assert.Equal((TableState.Waiting, "gap", true), (table.State, table.Reason, table.IsJoining)));
        Assert.Equal("", checkpoint["recent"]);
    }

    // Invariant 6
    [Fact]
    public void Complete_table_is_read_again_when_a_look_finds_other_columns_also_after_a_restart()
    {
        Start(pages: 1, Id);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();
        Append();
        Restart();
        Assert.Empty(Compare(Look(Id, new TableColumn("plain", 2, IsFilled: false)), true));
        Assert.True(reads.HasNews);
        Append();
        Restart();
        Assert.Empty(Compare(Look(Id, new TableColumn("plain", 2, IsFilled: false)), true));
        Assert.False(reads.HasNews);

        Assert.Single(Compare(Look(Id, new TableColumn("plain", 3, IsFilled: false)), true));

        Assert.Equal((TableState.Waiting, "recheck"), (reads.Find(Table)!.State, reads.Find(Table)!.Reason));
    }

    [Fact]
    public void Note_without_columns_takes_over_what_there_is()
    {
        checkpoint["table/public.t"] =
            """{"Schema":"public","Table":"t","State":"Complete","SnapshotId":"x","Reason":"first","Files":{"1":1}}""";
        Restart();

        Assert.Empty(Compare(Look(Id, new TableColumn("c", 5, IsFilled: true)), true));
        Append();
        Restart();

        Assert.Equal(5, reads.Find(Table)!.Columns.ByName["c"]);
        Assert.Single(Compare(Look(Id, new TableColumn("c", 6, IsFilled: false)), true));
    }

    [Fact]
    public void Table_starts_again_when_a_column_comes_with_values_while_it_is_read()
    {
        Start(pages: 1, Id);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Describe(pages: 1, Id, new TableColumn("plain", 2, IsFilled: false));
        Assert.Equal(TableState.Reading, reads.Find(Table)!.State);

        Describe(pages: 1, Id, new TableColumn("plain", 2, IsFilled: false), new TableColumn("filled", 3, IsFilled: true));

        Assert.Equal((TableState.Waiting, "first"), (reads.Find(Table)!.State, reads.Find(Table)!.Reason));
        CatchUp();
        reads.Begin(reads.FindToBegin(100)!);
        Append();
        Read();
        Assert.Empty(Compare(Look(Id, new TableColumn("plain", 2, IsFilled: false), new TableColumn("filled", 3, IsFilled: true)), true));
    }

    [Fact]
    public void Table_that_is_not_read_is_told_of_and_stays_unread()
    {
        Start(pages: 1, Id);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();
        reads.AddUnread(Table);

        Assert.True(Assert.Single(Compare(Look(Id with { Number = 2 }), true)).Table.IsUnread);
        Assert.Equal(TableState.Complete, reads.Find(Table)!.State);
    }

    [Fact]
    public void Names_are_remembered_behind_a_gap()
    {
        Start(pages: 1, Id, new TableColumn("c", 2, IsFilled: false));
        reads.AddAllAgain([Table], isJoining: false);
        Append();
        Restart();
        Describe(pages: 1, Id);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();

        Assert.Single(Compare(Look(Id, new TableColumn("c", 3, IsFilled: false)), true));
    }

    [Fact]
    public void Name_that_the_stream_showed_is_noted_until_the_catalog_is_seen()
    {
        Start(pages: 1, Id);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();
        reads.Meet(
            new SourceTable(new TableSchema(Table,
                [shape.Schema.Columns[0], new ColumnSchema("brief", "brief", new ColumnType.Int64(), "bigint")], [0]), []));
        Append();
        Restart();

        Assert.Empty(Compare(Look(Id), false));
        Assert.Single(Compare(Look(Id), true));
    }

    private void Complete()
    {
        Start(pages: 1, Id);
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();
        Append();
    }

    private static TableColumn Id => new("id", 1, IsFilled: false);

    private static Dictionary<TableId, TableLook> Look(params TableColumn[] columns) =>
        new() { [Table] = new TableLook(Columns(columns), [new PagedFile(1, Table, 1)]) };

    private IReadOnlyList<FoundDifference> Compare(Dictionary<TableId, TableLook> look, bool isSettled)
    {
        var found = reads.Compare(new CatalogSight(look, 0), isSettled, isPassed: true, out _);
        foreach (var difference in found.Where(difference => !difference.Table.IsUnread))
            reads.ReadAgain(difference);
        return found;
    }

    private static TableColumns Columns(TableColumn[] columns) => columns.Length == 0 ? TableColumns.None
        : new(columns.Max(column => column.Number), columns, []);

    private void Start(uint pages, params TableColumn[] columns)
    {
        reads.Add(Table, isJoining: false);
        Describe(pages, columns);
    }

    private void Describe(uint pages, params TableColumn[] columns) => reads.Describe(
        reads.Find(Table)!,
        new TableDescription(shape, 1, [new PagedPart(1, Table, fileNode: 1) { Pages = pages }],
            0) { Look = new TableLook(Columns(columns), null) });

    private void Read()
    {
        while (reads.TryOpen(100) is { } window)
        {
            var facts = new ChunkFacts(TransactionSnapshot.Parse("10:10:"), 50, 1);
            Assert.Equal(ChunkVerdict.Publish, reads.Judge(window, facts, 100));
            reads.Publish(window, facts, 1);
        }
    }

    private void CatchUp() => reads.Pulse(TransactionSnapshot.Parse("10:10:"), 100);

    private IReadOnlyList<SnapshotEdge> Append()
    {
        var notes = reads.TakeNotes();
        foreach (var entry in notes.Entries)
        {
            if (entry.Value is null)
                checkpoint.Remove(entry.Key);
            else
                checkpoint[entry.Key] = entry.Value;
        }

        return notes.Edges;
    }

    private void Restart()
    {
        reads.Dispose();
        reads = new TableSnapshots(new Checkpoint(checkpoint), PostgresNotes.Instance, Limits, TimeProvider.System);
    }
}
