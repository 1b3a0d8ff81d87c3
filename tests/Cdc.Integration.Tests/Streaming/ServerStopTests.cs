using System.Diagnostics;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A source that is shut down is not held up by us, and continues with us when it is back.</summary>
public sealed class ServerStopTests
{
    private const string Rows = "SELECT count(*)::text FROM public.t";

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Fast_shutdown_ends_within_15_seconds_and_capture_continues_afterwards(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();
        for (var round = 0; round < 3; round++)
        {
            await server.ExecuteAsync($"INSERT INTO t SELECT {round} * 100000 + i FROM generate_series(1, 20000) i", "source");
            var clock = Stopwatch.StartNew();
            await server.StopAsync("fast");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15),
                $"round {round}: the server took {clock.Elapsed.TotalSeconds:0.0} s to stop");
            await server.StartAgainAsync();
        }

        await pipeline.UntilEqualAsync(server, Rows);
    }

    [Fact]
    public async Task Idle_connection_outlives_the_servers_patience()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(15, "wal_sender_timeout = '2s'");
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();
        var sender = await server.QueryAsync<int>("SELECT active_pid FROM pg_replication_slots");

        await Eventually.HoldsAsync("six seconds have passed on the server",
            () => server.QueryAsync<bool>($"SELECT now() - backend_start > interval '6 s' FROM pg_stat_activity WHERE pid = {sender}"));

        Assert.Equal(sender, await server.QueryAsync<int>("SELECT active_pid FROM pg_replication_slots"));
    }
}
