using Cdc.Capture.Requests;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Snapshot;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>Tables without a key are read again on request, as a whole, behind a truncate that lies within the snapshot's bounds.</summary>
public sealed class KeylessResyncTests
{
    private const string Topic = "shop.public.bag";
    private const string Bags =
        "SELECT count(*) || md5(coalesce(string_agg(row, E'\\n' ORDER BY row), '')) " +
        "FROM (SELECT concat_ws('|', a, b, n, body)::text AS row FROM public.bag) rows";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariants 2, 3 and 6
    [Fact]
    public async Task Table_is_read_again_while_writers_change_it()
    {
        await using var server = await StartAsync("""
            CREATE TABLE bag (a int, b text, n float8, body text); ALTER TABLE bag REPLICA IDENTITY FULL;
            INSERT INTO bag SELECT i % 50, CASE WHEN i % 3 > 0 THEN 'b' END, 1.5, NULL FROM generate_series(1, 20000) i
            """);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => SnapshotServer.SmallChunks(options) with
        {
            Partitions = [new(Topic, 3)],
        });
        var first = await pipeline.UntilCompleteAsync(Topic, after: "");
        await pipeline.UntilEqualAsync(server, Bags);
        await server.ExecuteAsync("INSERT INTO bag (a, b, _cdc_partition, _cdc_offset) VALUES (99, 'ghost', 0, 1)", "target");
        await using var writers = new BagWriters(server, 2);

        await AskAsync(pipeline);
        var second = await pipeline.UntilCompleteAsync(Topic, after: first.Id);
        await writers.StopAsync();

        await pipeline.UntilEqualAsync(server, Bags);
        await LiesWithinAsync(pipeline, first, "first");
        await LiesWithinAsync(pipeline, second, "gap");
        Assert.True(second.Begin[0] >= first.End[0]);
        await Eventually.HoldsAsync("the sink notes that it is swept", async () => second.Id == await SweptAsync(server),
            cancellationToken: Token);
        await pipeline.UntilEqualAsync(server, Bags);
    }

    [Fact]
    public async Task Table_that_was_stopped_for_want_of_an_identity_continues_once_it_has_one()
    {
        await using var server = await StartAsync("""
            CREATE TABLE bag (a int, b text, n float8, body text); INSERT INTO bag VALUES (1, 'before', 0, NULL);
            CREATE PUBLICATION shop FOR TABLE bag WITH (publish_via_partition_root = true)
            """);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        var bag = new TableId("public", "bag");
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO bag VALUES (2, 'refused', 0, NULL)", "source");
        await Eventually.HoldsAsync("the table is stopped",
            () => pipeline.Capture.Progress.Tables.GetValueOrDefault(bag)?.Reason is not null, cancellationToken: Token);
        Assert.Contains("CDC-2063", pipeline.Capture.Progress.Tables[bag].Reason, StringComparison.Ordinal);

        await server.ExecuteAsync(
            "ALTER TABLE bag REPLICA IDENTITY FULL; DELETE FROM bag WHERE a = 1; INSERT INTO bag VALUES (3, 'after', 0, NULL)", "source");
        await AskAsync(pipeline);

        await pipeline.UntilCompleteAsync(Topic, after: "");
        await pipeline.UntilEqualAsync(server, Bags);
        await server.ExecuteAsync(
            "UPDATE bag SET n = 1 WHERE a = 3; DELETE FROM bag WHERE a = 2; INSERT INTO bag VALUES (3, 'after', 1, NULL)", "source");
        await pipeline.UntilEqualAsync(server, Bags);
        Assert.Null(pipeline.Capture.Progress.Tables[bag].Reason);
    }

    private static async Task<PostgresServer> StartAsync(string statements)
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(statements, "source");
        return server;
    }

    private static Task AskAsync(RunningPipeline pipeline) =>
        new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.bag"]), Token);

    private static Task<string?> SweptAsync(PostgresServer server) =>
        server.QueryAsync<string?>($"SELECT swept FROM _cdc.ledger WHERE topic = '{Topic}' AND partition = 0", "target");

    /// <summary>Who reads from the start finds the truncate first of all, and every row before the end.</summary>
    private static async Task LiesWithinAsync(RunningPipeline pipeline, SnapshotBounds bounds, string reason)
    {
        var events = (await LoggedEvent.ReadAsync(pipeline.Log, pipeline.Registry, Topic)).Where(change => change.Partition > 0
            || change.Offset >= bounds.Begin.Single()).ToList();
        Assert.Equal((0, bounds.Begin.Single(), Operation.Truncate), (events[0].Partition, events[0].Offset, events[0].Operation));
        var reads = events.Where(change => change.Snapshot == bounds.Id && change.Operation == Operation.Read).ToList();
        Assert.NotEmpty(reads);
        Assert.All(reads, read => Assert.Equal(reason, read.Reason));
        Assert.All(reads, read => Assert.InRange(read.Offset, bounds.Begin.Single(), bounds.End.Single() - 1));
    }
}
