using Cdc.Capture;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>DDL while a table is read, what moves rows and changes none, and tables that are not read.</summary>
public sealed class ChangesWhileReadTests
{
    private const string Topic = "shop.public.item";
    private const string Items =
        "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, i, 'row ' || i " +
        "FROM generate_series(1, 60000) i";
    private const string Few =
        "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, i, 'row ' || i " +
        "FROM generate_series(1, 300) i";

    private static readonly TableId Item = new("public", "item");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15, "ALTER TABLE item ADD COLUMN plain int; UPDATE item SET plain = 1 WHERE id < 50", "amount, note, plain")]
    [InlineData(18, "ALTER TABLE item ADD COLUMN token text DEFAULT md5(random()::text)", "amount, note, token")]
    [InlineData(15, "ALTER TABLE item DROP COLUMN note; UPDATE item SET amount = 0 WHERE id < 50", "amount")]
    [InlineData(15, "ALTER TABLE item ALTER note TYPE text USING note || '!'", "amount, note")]
    [InlineData(18, "ALTER TABLE item ALTER note TYPE text USING note || '!'", "amount, note")]
    [InlineData(15, "TRUNCATE item; INSERT INTO item SELECT i, -i, 'loaded' FROM generate_series(1, 5000) i", "amount, note")]
    [InlineData(18, "TRUNCATE item; INSERT INTO item SELECT i, -i, 'loaded' FROM generate_series(1, 5000) i", "amount, note")]
    [InlineData(15, "UPDATE item SET id = id + 100000 WHERE id % 3 = 0", "amount, note")]
    [InlineData(15, "ALTER TABLE item RENAME TO other; UPDATE other SET amount = 0 WHERE id % 7 = 0; ALTER TABLE other RENAME TO item",
        "amount, note")]
    [InlineData(18,
        "ALTER PUBLICATION shop DROP TABLE item; UPDATE item SET amount = 0 WHERE id % 7 = 0; ALTER PUBLICATION shop ADD TABLE item",
        "amount, note")]
    public async Task Table_that_is_changed_while_it_is_read_arrives(int major, string change, string columns)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Items, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], Slowly);
        await Eventually.HoldsAsync("some is read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Reads.GetValueOrDefault(Item) is { State: TableState.Reading, RowsRead: > 0 };
        }, cancellationToken: Token);

        foreach (var step in change.Split("; "))
            await server.ExecuteAsync(step, "source");

        await pipeline.UntilCompleteAsync(Topic, after: "");
        await pipeline.UntilEqualAsync(server, Question(columns));
    }

    /// <summary>Each is told by a change of the stream, or changes no value.</summary>
    [Theory]
    [InlineData(15, Few, "VACUUM FULL item")]
    [InlineData(18, Few, "VACUUM FULL item")]
    [InlineData(15, Few, "CLUSTER item USING item_pkey")]
    [InlineData(15, Few, "TRUNCATE item; INSERT INTO item SELECT i, i, 'loaded' FROM generate_series(1, 50) i; ANALYZE item")]
    [InlineData(18, Few,
        "TRUNCATE item; INSERT INTO item SELECT i, i, 'loaded' FROM generate_series(1, 50) i; GRANT SELECT ON item TO PUBLIC")]
    [InlineData(15,
        "CREATE TABLE item (id int PRIMARY KEY, amount int, note text) PARTITION BY RANGE (id); " +
        "CREATE TABLE item_1 PARTITION OF item DEFAULT; INSERT INTO item SELECT i, i, 'row ' || i FROM generate_series(1, 300) i",
        "TRUNCATE item; INSERT INTO item SELECT i, i, 'loaded' FROM generate_series(1, 50) i")]
    [InlineData(15,
        "CREATE TABLE item (id int, amount int, note text); ALTER TABLE item REPLICA IDENTITY FULL; INSERT INTO item " +
        "SELECT i, i, 'row ' || i FROM generate_series(1, 300) i",
        "TRUNCATE item; INSERT INTO item SELECT i, i, 'loaded' FROM generate_series(1, 50) i")]
    [InlineData(15, Few,
        "ALTER TABLE item REPLICA IDENTITY FULL; UPDATE item SET amount = 0 WHERE id < 20; ALTER TABLE item REPLICA IDENTITY DEFAULT")]
    public async Task What_costs_nothing_costs_nothing(int major, string create, string change)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(create, "source");
        using var folder = new TemporaryFolder();
        SnapshotBounds first;
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]))
        {
            first = await pipeline.UntilCompleteAsync(Topic, after: "");
            await pipeline.UntilEqualAsync(server, Question("amount, note"));
            foreach (var step in change.Split("; "))
                await server.ExecuteAsync(step, "source");
            await pipeline.UntilEqualAsync(server, Question("amount, note"));
        }

        // A start looks at once.
        await using var again = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await again.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO item VALUES (9000, 1, 'new')", "source");
        await again.UntilEqualAsync(server, Question("amount, note"));
        Assert.Equal(first.Id, (await again.UntilCompleteAsync(Topic, after: "")).Id);
    }

    [Theory]
    [InlineData(15, "ALTER PUBLICATION shop DROP TABLE item; UPDATE item SET amount = 0; ALTER PUBLICATION shop ADD TABLE item", true)]
    [InlineData(18, "ALTER TABLE item RENAME TO other; UPDATE other SET amount = 0; ALTER TABLE other RENAME TO item", true)]
    [InlineData(15, "ALTER TABLE item ALTER amount TYPE int USING amount + 1", false)]
    public async Task Table_that_may_not_be_read_stops_with_a_code_or_is_warned_of(int major, string change, bool stops)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Few, "source");
        using var folder = new TemporaryFolder();
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], Never))
        {
            await pipeline.UntilStreamingAsync();
            await server.ExecuteAsync("INSERT INTO item VALUES (9000, 1, 'new')", "source");
            await pipeline.UntilEqualAsync(server, "SELECT note FROM public.item WHERE id = 9000");
            await Eventually.HoldsAsync("the table is noted", async () =>
                (await pipeline.Log.ReadCheckpointAsync("shop", Token))["look/public.item"] is not null, TimeSpan.FromSeconds(60), Token);
            foreach (var step in change.Split("; "))
                await server.ExecuteAsync(step, "source");
        }

        await using var again = RunningPipeline.Start(server, folder.Path, ["public.item"], Never);
        await again.UntilStreamingAsync();
        if (stops)
        {
            await Eventually.HoldsAsync("the table is stopped",
                () => again.Capture.Progress.Tables.GetValueOrDefault(Item)?.Reason is not null, cancellationToken: Token);
            Assert.Contains("CDC-2100", again.Capture.Progress.Tables[Item].Reason, StringComparison.Ordinal);
        }
        else
        {
            await server.ExecuteAsync("INSERT INTO item VALUES (9001, 1, 'newer')", "source");
            await again.UntilEqualAsync(server, "SELECT note FROM public.item WHERE id = 9001");
            Assert.Null(again.Capture.Progress.Tables[Item].Reason);
        }
    }

    private static CaptureOptions Slowly(CaptureOptions options) =>
        options with { Snapshot = new SnapshotOptions { ChunkBytes = 128 << 10, RowsPerSecond = 20_000 } };

    private static CaptureOptions Never(CaptureOptions options) =>
        options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } };

    private static string Question(string columns) =>
        $"SELECT count(*) || md5(coalesce(string_agg(row, E'\\n' ORDER BY row), '')) FROM (SELECT (id, {columns})::text AS row " +
        "FROM public.item) rows";
}
