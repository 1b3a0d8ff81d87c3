using System.Net;
using System.Net.Sockets;
using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Topics;
using Cdc.Testing;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>Capture that is asked to end does, whatever the source does: that is promised within 30 s.</summary>
public sealed class EndingTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Server_that_accepts_and_says_nothing_holds_up_no_end()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        using var folder = new TemporaryFolder();
        using var registry = EmbeddedSchemaRegistry.Open(folder.Path);
        var running = Role(((IPEndPoint)listener.LocalEndpoint).Port, registry).RunAsync(stop.Token);
        using var one = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        using var other = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);

        await stop.CancelAsync();

        await running.WaitAsync(Promise, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Server_that_is_stalled_while_tables_are_read_holds_up_no_end(int major)
    {
        await using var server = await StallTests.StartAsync(major);
        await server.ExecuteAsync(
            "CREATE TABLE a (n int); ALTER TABLE a REPLICA IDENTITY FULL; INSERT INTO a SELECT generate_series(1, 100000); INSERT INTO t " +
            "SELECT generate_series(1, 100000)", "source");
        using var folder = new TemporaryFolder();
        using var registry = EmbeddedSchemaRegistry.Open(folder.Path);
        using var stop = new CancellationTokenSource();
        var role = Role(server.Port, registry);
        var running = role.RunAsync(stop.Token);
        await Eventually.HoldsAsync("tables are read", () => role.Progress.Reads.Values.Any(read => read.RowsRead > 0),
            TimeSpan.FromSeconds(60));

        await server.FreezeAsync();
        try
        {
            await stop.CancelAsync();
            await running.WaitAsync(Promise, TestContext.Current.CancellationToken);
        }
        finally
        {
            await server.ThawAsync();
        }
    }

    [Theory]
    [InlineData("pg_publication")]
    [InlineData("pg_attribute")]
    public async Task Look_that_hangs_in_a_lock_holds_up_no_end(string catalog)
    {
        await using var server = await StallTests.StartAsync(15);
        await using var session = await server.ConnectAsync("source");
        await using var begin = new NpgsqlCommand("BEGIN; SELECT txid_current()", session);
        await begin.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var holder = new NpgsqlCommand($"LOCK TABLE pg_catalog.{catalog} IN ACCESS EXCLUSIVE MODE", session);
        await holder.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var registry = EmbeddedSchemaRegistry.Open(folder.Path);
        using var stop = new CancellationTokenSource();
        var running = Role(server.Port, registry).RunAsync(stop.Token);
        await Eventually.HoldsAsync("capture waits for the lock", async () =>
        {
            await using var waiting = new NpgsqlCommand("SELECT count(*) FROM pg_catalog.pg_locks WHERE NOT granted", session);
            return (long)(await waiting.ExecuteScalarAsync(TestContext.Current.CancellationToken))! > 0;
        }, TimeSpan.FromSeconds(60));

        await stop.CancelAsync();

        await running.WaitAsync(Promise, TestContext.Current.CancellationToken);
    }

    private static CaptureRole Role(int port, ISchemaRegistry registry) => new(
        new CaptureOptions
        {
            Name = "shop",
            TopicPrefix = "shop",
            Tables = ["public.*"],
            Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10, RowsPerSecond = 1_000 },
            Postgres = new PostgresOptions
            {
                Host = PostgresServer.Host, Port = port, Database = "source", User = PostgresServer.User, Slot = "shop",
                Publication = "shop", Create = true,
            },
        },
        new MemoryTopicLog(), registry, TimeProvider.System, NullLogger.Instance);
}
