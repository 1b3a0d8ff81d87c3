using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A database in which nothing happens does not make its server keep the log of the others.</summary>
public sealed class HeartbeatTests
{
    /// <summary>Logical messages of ours that another slot sees; <c>M</c> begins such a message.</summary>
    private const string Beats = """
        SELECT count(*) FROM pg_logical_slot_peek_binary_changes('probe', NULL, NULL, 'proto_version', '1', 'publication_names', 'shop', 'messages', 'true')
        WHERE get_byte(data, 0) = ascii('M') AND position('cdc.'::bytea IN data) > 0
        """;

    [Fact]
    public void Heartbeat_is_on_unless_it_is_turned_off() =>
        Assert.Equal(TimeSpan.FromSeconds(10), new PostgresOptions { Host = "db", Database = "shop", User = "cdc" }.Heartbeat);

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Idle_database_confirms_what_others_on_its_server_wrote(int major)
    {
        await using var server = await StallTests.StartAsync(major);
        await server.ExecuteAsync("CREATE TABLE elsewhere (id int, text text)", "target");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => Beating(options, TimeSpan.FromSeconds(1)));
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('probe', 'pgoutput')", "source");

        for (var round = 0; round < 2; round++)
        {
            await server.ExecuteAsync("INSERT INTO elsewhere SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i", "target");
            var end = await server.QueryAsync<string>("SELECT pg_current_wal_flush_lsn()::text");
            await Eventually.HoldsAsync("the slot confirms and lets go of it", async () =>
            {
                await pipeline.ThrowIfEndedAsync();
                await server.ExecuteAsync("CHECKPOINT");
                return await server.QueryAsync<bool>(
                    $"SELECT confirmed_flush_lsn >= '{end}' AND restart_lsn >= '{end}' FROM pg_replication_slots WHERE slot_name = 'shop'");
            }, TimeSpan.FromSeconds(60));
        }

        await Eventually.HoldsAsync("messages are in the log", async () => await server.QueryAsync<long>(Beats, "source") >= 2);
    }

    [Fact]
    public async Task Nothing_is_written_where_it_is_off()
    {
        await using var server = await StallTests.StartAsync(15);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], options =>
            Beating(options, TimeSpan.Zero) with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } });
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('probe', 'pgoutput')", "source");
        var sender = await server.QueryAsync<int>("SELECT active_pid FROM pg_replication_slots WHERE slot_name = 'shop'");

        // Longer than the heartbeat that would be the default, and than any other look at an idle source.
        await StallTests.UntilOldAsync(server, sender, 13);

        Assert.Equal(0, await server.QueryAsync<long>(Beats, "source"));
    }

    private static CaptureOptions Beating(CaptureOptions options, TimeSpan every) =>
        options with { Postgres = options.Postgres with { Heartbeat = every } };
}
