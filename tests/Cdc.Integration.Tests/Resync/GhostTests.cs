using Cdc.Capture.Requests;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;
using Cdc.Transport.Embedded;

namespace Cdc.Integration.Tests.Resync;

/// <summary>Rows that the source lost unseen go from the target when a re-read is complete, in the transaction that notes it.</summary>
public sealed class GhostTests
{
    private const string Rows = "SELECT coalesce(string_agg(id || note, ',' ORDER BY id), '') FROM public.t";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariant 6
    [Fact]
    public async Task Rows_that_only_the_target_has_go_with_a_re_read()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);
        await server.ExecuteAsync("INSERT INTO t (id, note, _cdc_partition, _cdc_offset) VALUES (99, 'ghost', 0, 1)", "target");

        await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.t"]), Token);

        await pipeline.UntilEqualAsync(server, Rows);
        Assert.NotEmpty(await server.QueryAsync<string>("SELECT swept FROM _cdc.ledger WHERE topic = 'shop.public.t'", "target"));
    }

    // Invariant 6
    [Fact]
    public async Task What_was_deleted_in_a_gap_goes_also_where_nothing_is_left()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder);
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('shop')", "source");
        await server.ExecuteAsync("DELETE FROM t WHERE id = 2; UPDATE t SET note = 'missed' WHERE id = 3; TRUNCATE emptied", "source");
        await AskAsync(folder.Path);

        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);
        await pipeline.UntilEqualAsync(server, "SELECT count(*)::text FROM emptied");
    }

    // Invariant 6
    [Fact]
    public async Task Log_that_lost_its_end_is_mended_with_a_sink_that_was_ahead_of_it()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        using var copy = new TemporaryFolder();
        await RunAsync(server, folder);
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)), overwrite: true);
        await server.ExecuteAsync("INSERT INTO t SELECT i, 'later' FROM generate_series(10, 5000) i", "source");
        await RunAsync(server, folder);
        await server.ExecuteAsync("DELETE FROM t WHERE id % 2 = 0", "source");
        await AskAsync(copy.Path);

        await using var pipeline = RunningPipeline.Start(server, copy.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);
    }

    private static async Task<PostgresServer> StartedAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c');
            CREATE TABLE emptied (id int PRIMARY KEY); INSERT INTO emptied VALUES (1)
            """, "source");
        return server;
    }

    private static async Task RunAsync(PostgresServer server, TemporaryFolder folder)
    {
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);
        await pipeline.UntilEqualAsync(server, "SELECT count(*)::text FROM emptied");
    }

    private static async Task AskAsync(string folder)
    {
        await using var log = EmbeddedLog.Open(new() { Path = folder }, TimeProvider.System);
        await new ResyncRequests(log, "shop").SendAsync(ResyncRequest.For([ResyncRequest.All]), Token);
    }
}
