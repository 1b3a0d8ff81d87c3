using Cdc.Capture.Requests;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;
using Cdc.Transport.Embedded;

namespace Cdc.Integration.Tests.Resync;

/// <summary>Where changes are missing capture refuses, until somebody has all tables read again (Invariant 6).</summary>
public sealed class GapRepairTests
{
    private const string Rows = "SELECT coalesce(string_agg(id || note, ',' ORDER BY id), '') FROM public.t";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Gaps => new()
    {
        { "SELECT pg_drop_replication_slot('shop'); UPDATE t SET note = 'missed'; " +
            "SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", 2022 },
        { "SELECT pg_drop_replication_slot('shop'); UPDATE t SET note = 'missed'; INSERT INTO t VALUES (7, 'missed too')", 2006 },
        { "UPDATE t SET note = 'missed'; SELECT pg_replication_slot_advance('shop', pg_current_wal_insert_lsn()); DROP PUBLICATION shop",
            2022 },
    };

    // Invariant 6
    [Theory]
    [MemberData(nameof(Gaps))]
    public async Task Gap_is_refused_until_all_tables_are_to_be_read_again(string damage, int code)
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1, 'a')");
        foreach (var statement in damage.Split("; "))
            await server.ExecuteAsync(statement, "source");

        Assert.Equal(code, (await FailureAsync(server, folder)).Code.Number);
        await AskAsync(folder.Path, "public.t");
        Assert.Equal(code, (await FailureAsync(server, folder)).Code.Number);
        Assert.Contains("cdc resync FILE --all", (await FailureAsync(server, folder)).Code.Remedy, StringComparison.Ordinal);

        await AskAsync(folder.Path, ResyncRequest.All);
        await RunAsync(server, folder, "INSERT INTO t VALUES (2, 'b'); UPDATE t2 SET note = 'later'");
        await RunAsync(server, folder, "DELETE FROM t WHERE id = 2");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows.Replace("public.t", "public.t2", StringComparison.Ordinal));
        await AllWereReadAgainAsync(pipeline);
    }

    // Invariant 6
    [Fact]
    public async Task Log_that_lost_its_end_and_another_database_are_gaps_too()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        using var copy = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1, 'a')");
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)), overwrite: true);
        await RunAsync(server, folder, "INSERT INTO t VALUES (2, 'b')");

        Assert.Equal(ErrorCodes.SourceSlotAhead, (await FailureAsync(server, copy)).Code);
        await AskAsync(copy.Path, ResyncRequest.All);
        await using (var pipeline = RunningPipeline.Start(server, copy.Path, ["public.*"]))
            await AllWereReadAgainAsync(pipeline);

        await server.ExecuteAsync("CREATE DATABASE other TEMPLATE source");
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('shop')", "source");
        Assert.Equal(ErrorCodes.SourceReplaced, (await FailureAsync(server, folder, "other")).Code);
        await AskAsync(folder.Path, ResyncRequest.All);
        await using var other = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Postgres = options.Postgres with { Database = "other" } });
        await AllWereReadAgainAsync(other);
    }

    /// <summary>A slot's name is one for all databases of a server; the other one's slot is not dropped unasked.</summary>
    [Fact]
    public async Task Slot_that_another_database_has_is_told_with_the_statement_that_drops_it()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1, 'a')");
        await server.ExecuteAsync("CREATE DATABASE other TEMPLATE source");
        await AskAsync(folder.Path, ResyncRequest.All);

        var error = await FailureAsync(server, folder, "other");
        Assert.Equal(ErrorCodes.SourceSlotForeign, error.Code);
        const string drop = "SELECT pg_drop_replication_slot('shop')";
        Assert.Contains($"in database 'source': {drop}", error.Message, StringComparison.Ordinal);
        await server.ExecuteAsync(drop, "source");
        await using var other = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Postgres = options.Postgres with { Database = "other" } });
        await AllWereReadAgainAsync(other);
    }

    // Invariant 3
    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("SELECT pg_drop_replication_slot('shop')")]
    [InlineData("SELECT pg_drop_replication_slot('shop'), pg_create_logical_replication_slot('shop', 'pgoutput')")]
    [InlineData("DROP PUBLICATION shop")]
    public async Task Repair_that_was_killed_begins_again(string reached)
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1, 'a')");
        await AskAsync(folder.Path, ResyncRequest.All);
        await using (var log = EmbeddedLog.Open(new() { Path = folder.Path }, TimeProvider.System))
        {
            await using var writer = await log.OpenWriterAsync("shop", Token);
            using var nothing = new RecordBatch(new PartitionTable());
            await writer.AppendAsync(nothing, _ => [new CheckpointEntry("gap", "1"), new CheckpointEntry("slot-intent", "shop")], Token);
        }

        await server.ExecuteAsync(reached, "source");
        await server.ExecuteAsync("UPDATE t SET note = 'missed'", "source");

        await RunAsync(server, folder, "INSERT INTO t VALUES (2, 'b')");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await AllWereReadAgainAsync(pipeline);
        var checkpoint = await pipeline.Log.ReadCheckpointAsync("shop", Token);
        Assert.Equal(("1", null, null), (checkpoint["requests"], checkpoint["gap"], checkpoint["slot-intent"]));
    }

    [Fact]
    public async Task Slot_that_the_DBA_makes_again_serves_where_nothing_is_to_be_made()
    {
        await using var server = await StartedAsync();
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, "INSERT INTO t VALUES (1, 'a')");
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('shop')", "source");
        await server.ExecuteAsync("UPDATE t SET note = 'missed'", "source");
        await AskAsync(folder.Path, ResyncRequest.All);

        var error = await FailureAsync(server, folder, create: false);
        Assert.Equal(ErrorCodes.SourceSlotMissing, error.Code);
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Postgres = options.Postgres with { Create = false } });
        await pipeline.UntilEqualAsync(server, Rows);
        await AllWereReadAgainAsync(pipeline);
    }

    private static async Task<PostgresServer> StartedAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, note text); CREATE TABLE t2 (id int PRIMARY KEY, note text); INSERT INTO t2 VALUES (1, " +
            "'x')", "source");
        return server;
    }

    private static async Task RunAsync(PostgresServer server, TemporaryFolder folder, string statement)
    {
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync(statement, "source");
        await pipeline.UntilEqualAsync(server, Rows);
    }

    private static async Task AskAsync(string folder, string tables)
    {
        await using var log = EmbeddedLog.Open(new() { Path = folder }, TimeProvider.System);
        await new ResyncRequests(log, "shop").SendAsync(ResyncRequest.For([tables]), Token);
    }

    private static async Task AllWereReadAgainAsync(RunningPipeline pipeline)
    {
        await Eventually.HoldsAsync("both tables are read again", async () =>
        {
            if (pipeline.CaptureRun.IsCompleted)
                await pipeline.CaptureRun;
            return pipeline.Capture.Progress.Reads.Values.Count(read => read is { State: TableState.Complete, Reason: "gap" }) == 2;
        }, TimeSpan.FromSeconds(60), Token);
        var bounds = SnapshotBounds.Read(await pipeline.Log.ReadCheckpointAsync("shop", Token));
        foreach (var topic in (string[])["shop.public.t", "shop.public.t2"])
        {
            var events = await LoggedEvent.ReadAsync(pipeline.Log, pipeline.Registry, topic);
            // A row that is changed while it is read comes by its change alone.
            Assert.Contains(events, change => change.Offset >= bounds[topic].Begin[0]
                && (change.Operation == Operation.Update || (change.Snapshot == bounds[topic].Id && change.Reason == "gap")));
        }
    }

    private static async Task<CdcException> FailureAsync(
        PostgresServer server, TemporaryFolder folder, string database = "source", bool create = true)
    {
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Postgres = options.Postgres with { Database = database, Create = create } });
        return await Assert.ThrowsAsync<CdcException>(() => pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60)));
    }
}
