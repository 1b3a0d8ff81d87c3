using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Snapshot;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>What changes a table's rows without changes in the stream is found in the catalog, and read (Invariant 6).</summary>
public sealed class RewrittenTableTests
{
    private const string Parts =
        "SELECT count(*) || md5(string_agg(concat_ws('|', id, day, amount), ';' ORDER BY id, day)) FROM public.part";
    private const string Topic = "shop.public.part";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Partition_that_comes_is_read_alone()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        string id;
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.part"]))
        {
            await pipeline.UntilEqualAsync(server, Parts);
            id = (await UntilCompleteAsync(pipeline, after: "", TableState.Complete)).Id;
            await server.ExecuteAsync("""
                CREATE TABLE part_3 PARTITION OF part FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
                CREATE TABLE part_4 (id int NOT NULL, day date NOT NULL, amount int);
                INSERT INTO part_4 SELECT i, '2024-04-02', i FROM generate_series(1, 3000) i;
                ALTER TABLE part ATTACH PARTITION part_4 FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');
                INSERT INTO part SELECT i, '2024-03-03', i FROM generate_series(1, 10) i
                """, "source");
            await pipeline.UntilEqualAsync(server, Parts);
        }

        await server.ExecuteAsync("""
            CREATE TABLE part_5 (id int NOT NULL, day date NOT NULL, amount int);
            INSERT INTO part_5 SELECT i, '2024-05-02', i FROM generate_series(1, 3000) i;
            ALTER TABLE part ATTACH PARTITION part_5 FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');
            """, "source");
        await using var again = RunningPipeline.Start(server, folder.Path, ["public.part"]);
        await again.UntilEqualAsync(server, Parts);

        Assert.Equal(id, (await UntilCompleteAsync(again, after: "", TableState.Complete)).Id);
        var events = await LoggedEvent.ReadAsync(again.Log, again.Registry, Topic);
        Assert.InRange(events.Count(change => change.Reason == "first"), 26_000, 26_010);
    }

    // Invariant 6
    [Theory]
    [InlineData("ALTER TABLE part DETACH PARTITION part_2")]
    [InlineData("DROP TABLE part_1")]
    [InlineData("TRUNCATE part_2")]
    [InlineData("VACUUM FULL part_1")]
    public async Task Table_that_lost_rows_silently_is_read_again(string change)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.part"]);
        var first = await UntilCompleteAsync(pipeline, after: "", TableState.Complete);

        await server.ExecuteAsync(change, "source");

        var second = await UntilCompleteAsync(pipeline, first.Id, TableState.Complete);
        var left = await server.QueryAsync<long>("SELECT count(*) FROM part", "source");
        var events = await LoggedEvent.ReadAsync(pipeline.Log, pipeline.Registry, Topic);
        Assert.Equal(left, events.Count(read => read.Snapshot == second.Id && read.Reason == "recheck"));
        Assert.True(second.Begin[0] >= first.End[0]);
    }

    [Fact]
    public async Task Values_that_a_rewrite_makes_arrive()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, amount int); INSERT INTO item SELECT i, i FROM generate_series(1, 5000) i", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await pipeline.UntilEqualAsync(server, "SELECT count(*) || md5(string_agg(id || ' ' || amount, ',' ORDER BY id)) FROM public.item");

        await server.ExecuteAsync(
            "ALTER TABLE item ADD COLUMN token text DEFAULT md5(random()::text); UPDATE item SET amount = 0 WHERE id = 1", "source");

        await pipeline.UntilEqualAsync(server, "SELECT count(*) || md5(string_agg(id || ' ' || token, ',' ORDER BY id)) FROM public.item");
    }

    private static async Task<SnapshotBounds> UntilCompleteAsync(RunningPipeline pipeline, string after, TableState state)
    {
        SnapshotBounds? bounds = null;
        await Eventually.HoldsAsync("a snapshot is complete", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            bounds = SnapshotBounds.Read(await pipeline.Log.ReadCheckpointAsync("shop", Token)).GetValueOrDefault(Topic);
            return bounds is { IsComplete: true } && bounds.Id != after
                && pipeline.Capture.Progress.Reads.TryGetValue(new TableId("public", "part"), out var read) && read.State == state;
        }, TimeSpan.FromSeconds(120), Token);
        return bounds!;
    }
}
