using System.Diagnostics;
using Cdc.Capture;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>
/// A log or a target that is stalled costs neither the connection nor memory, and does not hold up a server that is shut down.
/// </summary>
public sealed class StallTests
{
    private const string Rows = "SELECT count(*) || ' ' || sum(id) FROM public.t";

    // Invariant 1
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Fast_shutdown_ends_while_the_log_is_stalled_and_nothing_is_lost(int major)
    {
        await using var server = await StartAsync(major);
        using var folder = new TemporaryFolder();
        HeldLog? held = null;
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } }, log => held = new HeldLog(log));
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO t SELECT generate_series(1, 1000)", "source");
        await pipeline.UntilEqualAsync(server, Rows);
        held!.Hold();
        await server.ExecuteAsync("INSERT INTO t SELECT generate_series(1001, 20000)", "source");
        await held.Held.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        var clock = Stopwatch.StartNew();
        await server.StopAsync("fast");
        TestContext.Current.TestOutputHelper!.WriteLine($"The server took {clock.Elapsed.TotalSeconds:0.0} s to stop.");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(50), $"the server took {clock.Elapsed.TotalSeconds:0.0} s to stop");

        held.Release();
        await server.StartAgainAsync();
        await pipeline.UntilEqualAsync(server, Rows);
        Assert.Equal(20000, await server.QueryAsync<long>("SELECT sum(rows)::bigint FROM _cdc.ledger", "target"));
    }

    [Fact]
    public async Task Stalled_log_alone_does_not_cost_the_connection()
    {
        await using var server = await StartAsync(15, "wal_sender_timeout = '2s'");
        using var folder = new TemporaryFolder();
        HeldLog? held = null;
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], over: log => held = new HeldLog(log));
        await pipeline.UntilStreamingAsync();
        held!.Hold();
        await server.ExecuteAsync("INSERT INTO t SELECT generate_series(1, 20000)", "source");
        await held.Held.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var sender = await SenderAsync(server);

        await UntilOldAsync(server, sender, 13);

        Assert.Equal(sender, await SenderAsync(server));
        held.Release();
        await pipeline.UntilEqualAsync(server, Rows);
        Assert.Equal(sender, await SenderAsync(server));
    }

    [Fact]
    public async Task Sink_that_is_stalled_does_not_disturb_capture()
    {
        await using var server = await StartAsync(15);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (1)", "source");
        await pipeline.UntilEqualAsync(server, Rows);
        await using (var session = await server.ConnectAsync("target"))
        {
            await using var command = new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE t, _cdc.ledger IN ACCESS EXCLUSIVE MODE", session);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            var records = pipeline.Capture.Progress.Records;
            for (var round = 1; round <= 5; round++)
            {
                await server.ExecuteAsync($"INSERT INTO t SELECT {round} * 100000 + i FROM generate_series(1, 50000) i", "source");
                var end = await server.QueryAsync<string>("SELECT pg_current_wal_flush_lsn()::text");
                await Eventually.HoldsAsync("the source's position moves on", () =>
                    server.QueryAsync<bool>($"SELECT confirmed_flush_lsn >= '{end}' FROM pg_replication_slots"), TimeSpan.FromSeconds(60));
            }

            await Eventually.HoldsAsync("the records are counted", () => pipeline.Capture.Progress.Records >= records + 250_000);
        }

        await pipeline.UntilEqualAsync(server, Rows);
    }

    internal static Task<int> SenderAsync(PostgresServer server) => server.QueryAsync<int>("SELECT active_pid FROM pg_replication_slots");

    internal static Task UntilOldAsync(PostgresServer server, int pid, int seconds) =>
        Eventually.HoldsAsync($"{seconds} seconds have passed on the server",
        () => server.QueryAsync<bool>($"SELECT now() - backend_start > interval '{seconds} s' FROM pg_stat_activity WHERE pid = {pid}"),
        TimeSpan.FromSeconds(seconds + 60));

    internal static async Task<PostgresServer> StartAsync(int major, params string[] settings)
    {
        var server = await PostgresServer.StartWithDatabasesAsync(major, settings);
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)", "source");
        return server;
    }
}
