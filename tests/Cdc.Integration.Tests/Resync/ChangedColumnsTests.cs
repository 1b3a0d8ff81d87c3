using System.Globalization;
using Cdc.Capture;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>Columns that come with values, go and come back, or get another name: what old rows then hold arrives (Invariant 6).</summary>
public sealed class ChangedColumnsTests
{
    private const string Items =
        "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, i, 'row ' || i " +
        "FROM generate_series(1, 5000) i";

    private const string Parts = """
        CREATE TABLE item (id int, amount int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE item_1 (gone int, note text, id int NOT NULL, amount int);
        ALTER TABLE item_1 DROP COLUMN gone;
        ALTER TABLE item ATTACH PARTITION item_1 FOR VALUES FROM (0) TO (2500);
        CREATE TABLE item_2 PARTITION OF item DEFAULT;
        INSERT INTO item SELECT i, i, 'row ' || i FROM generate_series(1, 5000) i
        """;

    private const string Bags = """
        CREATE TABLE item (id int, amount int, note text); ALTER TABLE item REPLICA IDENTITY FULL;
        INSERT INTO item SELECT i % 3000, i % 3000, 'row ' || i % 3000 FROM generate_series(1, 5000) i
        """;

    private static readonly TableId Item = new("public", "item");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15, Items, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(18, Items, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(15, Items, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(18, Items, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(15, Items, "ALTER TABLE item RENAME COLUMN note TO remark", "remark")]
    [InlineData(18, Items, "ALTER TABLE item RENAME COLUMN note TO remark", "remark")]
    [InlineData(15, Items,
        "ALTER TABLE item ADD COLUMN other int; UPDATE item SET other = -amount; ALTER TABLE item RENAME amount TO former; ALTER TABLE " +
        "item RENAME other TO amount", "former, amount")]
    [InlineData(15, Parts, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(18, Parts, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(15, Parts, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(15, Parts, "ALTER TABLE item RENAME COLUMN note TO remark", "remark")]
    [InlineData(15, Bags, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(18, Bags, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(15, Bags, "ALTER TABLE item RENAME COLUMN note TO remark", "remark")]
    public async Task Values_of_old_rows_arrive(int major, string create, string change, string columns)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(create, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        var first = await pipeline.UntilCompleteAsync("shop.public.item", after: "");

        await server.ExecuteAsync(change, "source");
        await server.ExecuteAsync("INSERT INTO item (id) VALUES (9000); UPDATE item SET amount = 0 WHERE id = 9000", "source");

        var second = await pipeline.UntilCompleteAsync("shop.public.item", after: first.Id);
        Assert.Equal("recheck", second.Reason);
        await pipeline.UntilEqualAsync(server, Question(columns));
    }

    /// <summary>
    /// A row without a key is found by all its values: one that changes before the re-read stops its table, and the re-read lets it
    /// continue.
    /// </summary>
    [Fact]
    public async Task Rows_without_a_key_that_change_before_the_read_are_mended_by_it()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(Bags, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        var first = await pipeline.UntilCompleteAsync("shop.public.item", after: "");

        await server.ExecuteAsync(
            "ALTER TABLE item ADD COLUMN extra int DEFAULT 7; DELETE FROM item WHERE id < 10; UPDATE item SET amount = 0 WHERE id = 20",
            "source");

        await pipeline.UntilCompleteAsync("shop.public.item", after: first.Id);
        await pipeline.UntilEqualAsync(server, Question("amount, note, extra"));
    }

    /// <summary>Nothing happens to the table but that.</summary>
    [Fact]
    public async Task Change_of_a_table_without_changes_of_rows_is_found()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(Items, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await pipeline.UntilCompleteAsync("shop.public.item", after: "");

        await server.ExecuteAsync("ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "source");

        await pipeline.UntilEqualAsync(server, Question("extra"));
    }

    [Theory]
    [InlineData(15, Items)]
    [InlineData(18, Items)]
    [InlineData(15, Parts)]
    [InlineData(15, Bags)]
    public async Task Columns_that_are_null_in_old_rows_or_gone_cost_no_read(int major, string create)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(create, "source");
        using var folder = new TemporaryFolder();
        SnapshotBounds first;
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]))
        {
            first = await pipeline.UntilCompleteAsync("shop.public.item", after: "");
            await server.ExecuteAsync(
                "ALTER TABLE item ADD COLUMN extra text; ALTER TABLE item ALTER extra SET DEFAULT 'new'; INSERT INTO item (id) VALUES " +
                "(9000)", "source");
            await pipeline.UntilEqualAsync(server, Question("amount, note, extra"));
            await UntilNotedAsync(pipeline, "\"extra\":4");
            await server.ExecuteAsync("ALTER TABLE item DROP COLUMN note; UPDATE item SET extra = 'changed' WHERE id = 9000", "source");
            await UntilNotedAsync(pipeline, "\"note\":-1");
        }

        await server.ExecuteAsync("ALTER TABLE item ADD COLUMN more text; UPDATE item SET more = 'x' WHERE id = 9000", "source");
        await using var again = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await again.UntilEqualAsync(server, Question("amount, extra, more"));
        await UntilNotedAsync(again, "\"more\":5");
        Assert.Equal(first.Id, (await again.UntilCompleteAsync("shop.public.item", after: "")).Id);
    }

    [Theory]
    [InlineData(15, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(18, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(15, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(18, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(15, "ALTER TABLE item RENAME COLUMN note TO remark", "remark")]
    [InlineData(18, "ALTER TABLE item RENAME COLUMN note TO remark", "remark")]
    public async Task Change_while_capture_is_down_is_found_at_its_start(int major, string change, string columns)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Items, "source");
        using var folder = new TemporaryFolder();
        SnapshotBounds first;
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]))
            first = await pipeline.UntilCompleteAsync("shop.public.item", after: "");

        await server.ExecuteAsync("UPDATE item SET amount = 0 WHERE id % 7 = 0; DELETE FROM item WHERE id % 11 = 0", "source");
        await server.ExecuteAsync(change, "source");
        await server.ExecuteAsync("UPDATE item SET amount = 1 WHERE id % 5 = 0; DELETE FROM item WHERE id % 13 = 0", "source");

        await using var again = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await again.UntilCompleteAsync("shop.public.item", after: first.Id);
        await again.UntilEqualAsync(server, Question(columns));
        await again.UntilEqualAsync(server, Question("amount"));
    }

    /// <summary>No look of the catalog ever shows the name under which the rows changed.</summary>
    [Fact]
    public async Task Name_that_only_the_stream_shows_is_found()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(Items, "source");
        using var folder = new TemporaryFolder();
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]))
            await pipeline.UntilCompleteAsync("shop.public.item", after: "");

        await server.ExecuteAsync(
            "ALTER TABLE item ADD COLUMN brief int; UPDATE item SET brief = id; ALTER TABLE item RENAME brief TO lasting", "source");
        await server.ExecuteAsync("INSERT INTO item (id) VALUES (9000)", "source");

        await using var again = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await again.UntilEqualAsync(server, Question("amount, note, lasting"));
    }

    [Theory]
    [InlineData(15, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(18, "ALTER TABLE item ADD COLUMN extra int DEFAULT 7", "extra")]
    [InlineData(15, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(18, "ALTER TABLE item DROP COLUMN note; ALTER TABLE item ADD COLUMN note text", "note")]
    [InlineData(15, "ALTER TABLE item RENAME COLUMN note TO remark", "remark")]
    public async Task Change_while_the_table_is_read_reaches_the_rows_read_before(int major, string change, string columns)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, i, 'row ' || i " +
            "FROM generate_series(1, 60000) i", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], options => options with
        {
            Snapshot = new SnapshotOptions { ChunkBytes = 128 << 10, RowsPerSecond = 30_000 },
        });
        await Eventually.HoldsAsync("some is read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Reads.GetValueOrDefault(Item) is { State: TableState.Reading, RowsRead: > 0 };
        }, cancellationToken: Token);

        await server.ExecuteAsync(change, "source");

        Assert.Equal("first", (await pipeline.UntilCompleteAsync("shop.public.item", after: "")).Reason);
        await pipeline.UntilEqualAsync(server, Question(columns));
    }

    private static string Question(string columns) =>
        string.Create(CultureInfo.InvariantCulture,
            $"SELECT count(*) || md5(string_agg(row, E'\\n' ORDER BY row)) FROM (SELECT (id, {columns})::text AS row FROM public.item) " +
            $"rows");

    private static async Task UntilNotedAsync(RunningPipeline pipeline, string what) =>
        await Eventually.HoldsAsync($"the checkpoint notes '{what}'", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return (await pipeline.Log.ReadCheckpointAsync("shop", Token))["table/public.item"]?.Contains(what, StringComparison.Ordinal)
                == true;
        }, TimeSpan.FromSeconds(60), Token);
}
