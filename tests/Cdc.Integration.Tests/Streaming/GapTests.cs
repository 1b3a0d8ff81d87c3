using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Testing;
using Cdc.Transport.Embedded;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>What does not fit together any more stops with its code, and what fits gives no false alarm (Invariant 6).</summary>
public sealed class GapTests
{
    private const string Rows = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM public.t";

    // Invariant 6
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Slot_made_again_stops_capture(int major)
    {
        await using var server = await StartedAsync(major);
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1)");
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('shop'); INSERT INTO t VALUES (2)", "source");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "source");

        var error = await FailureAsync(server, folder);

        Assert.Equal(ErrorCodes.SourceSlotAhead, error.Code);
        Assert.Equal("1", await server.QueryAsync<string>(Rows, "target"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Slot_that_is_gone_stops_capture(int major)
    {
        await using var server = await StartedAsync(major);
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1)");
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('shop')", "source");

        Assert.Equal(ErrorCodes.SourceSlotMissing, (await FailureAsync(server, folder)).Code);
    }

    [Fact]
    public async Task Log_brought_back_from_an_earlier_copy_stops_capture()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        using var copy = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1)");
        Copy(folder.Path, copy.Path);
        await RunAsync(server, folder, "INSERT INTO t VALUES (2)");

        Assert.Equal(ErrorCodes.SourceSlotAhead, (await FailureAsync(server, copy)).Code);
    }

    [Fact]
    public async Task Another_database_behind_the_same_log_stops_capture()
    {
        await using var server = await StartedAsync();
        await server.ExecuteAsync("CREATE DATABASE other TEMPLATE source");
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1)");

        var error = await FailureAsync(server, folder, database: "other");

        Assert.Equal(ErrorCodes.SourceReplaced, error.Code);
    }

    [Fact]
    public async Task Slot_of_a_first_start_that_was_killed_is_made_again()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        await using (var log = EmbeddedLog.Open(new() { Path = folder.Path }, TimeProvider.System))
        {
            await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
            using var nothing = new RecordBatch(new PartitionTable());
            await writer.AppendAsync(nothing, _ => [new CheckpointEntry("slot-intent", "shop")], CancellationToken.None);
        }

        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "source");

        await RunAsync(server, folder, "INSERT INTO t VALUES (1)");
    }

    [Fact]
    public async Task Idle_source_gives_no_false_alarm_however_often_it_is_started()
    {
        await using var server = await StartedAsync();
        await server.ExecuteAsync("CREATE TABLE elsewhere (id int)", "target");
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1)");
        for (var start = 0; start < 20; start++)
        {
            await server.ExecuteAsync("INSERT INTO elsewhere SELECT generate_series(1, 1000)", "target");
            await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
            await pipeline.UntilStreamingAsync();
        }

        await RunAsync(server, folder, "INSERT INTO t VALUES (2)");
    }

    // Invariant 5
    [Fact]
    public async Task Second_process_on_one_log_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var first = EmbeddedLog.Open(new() { Path = folder.Path }, TimeProvider.System);

        var error = Assert.Throws<CdcException>(() => EmbeddedLog.Open(new() { Path = folder.Path }, TimeProvider.System));

        Assert.Equal(ErrorCodes.LogLocked, error.Code);
    }

    private static async Task<PostgresServer> StartedAsync(int major = 15)
    {
        var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)", "source");
        return server;
    }

    /// <summary>Runs until the statement's effect has arrived, and stops in order.</summary>
    private static async Task RunAsync(PostgresServer server, TemporaryFolder folder, string statement)
    {
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync(statement, "source");
        await pipeline.UntilEqualAsync(server, Rows);
    }

    private static async Task<CdcException> FailureAsync(PostgresServer server, TemporaryFolder folder, string database = "source")
    {
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Postgres = options.Postgres with { Database = database } });
        return await Assert.ThrowsAsync<CdcException>(() => pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }
}
