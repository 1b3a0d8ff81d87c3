using Cdc.Capture;
using Cdc.Contracts.Errors;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A standby to which the slot was carried over takes the place of a primary that fails while it is written to.</summary>
public sealed class FailoverTests
{
    private const string Rows = "SELECT count(*) || ' ' || coalesce(sum(id), 0) || ' ' || coalesce(max(id), 0) FROM public.t";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariants 3 and 6: the log never has what the standby has not, so capture continues there, by a new address, and holds each change
    // once.
    [Fact]
    public async Task Standby_with_the_slot_continues_without_loss_or_repeat()
    {
        await using var primary = await StallTests.StartAsync(18);
        await using var target = await TargetAsync();
        using var folder = new TemporaryFolder();
        PostgresServer standby;
        await using (var pipeline = Start(primary, folder, target))
        {
            await pipeline.UntilStreamingAsync();
            standby = await primary.StartStandbyAsync("standby");
            await UntilCarriedOverAsync(primary, standby);
            await WriteUntilItFailsAsync(primary, pipeline);
        }

        await using var promoted = standby;
        await promoted.PromoteAsync();
        await using (var pipeline = Start(promoted, folder, target))
        {
            await pipeline.UntilStreamingAsync();
            await promoted.ExecuteAsync("INSERT INTO t SELECT generate_series(1000001, 1001000)", "source");
            await pipeline.UntilEqualAsync(promoted, Rows);
            await AssertEachOnceAsync(pipeline, promoted);
        }

        await primary.StartAgainAsync();
        await using var old = Start(primary, folder, target);
        var error = await Assert.ThrowsAsync<CdcException>(() => old.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60), Token));
        Assert.Equal(ErrorCodes.SourceTimelineLeft, error.Code);
    }

    // Invariants 3 and 6
    [Fact]
    public async Task Running_capture_continues_when_the_standby_takes_the_address()
    {
        await using var primary = await StallTests.StartAsync(18);
        await using var target = await TargetAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = Start(primary, folder, target);
        await pipeline.UntilStreamingAsync();
        await using var standby = await primary.StartStandbyAsync("standby");
        await UntilCarriedOverAsync(primary, standby);
        await WriteUntilItFailsAsync(primary, pipeline);

        await standby.StopAsync();
        await standby.TakePortAsync(primary);
        await standby.StartAgainAsync();
        await Eventually.HoldsAsync("capture waits for the promotion", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Waiting?.Code == ErrorCodes.SourceAwaitsPromotion;
        }, cancellationToken: Token);
        await standby.PromoteAsync();
        await standby.ExecuteAsync("INSERT INTO t SELECT generate_series(1000001, 1001000)", "source");

        await pipeline.UntilEqualAsync(standby, Rows);
        await AssertEachOnceAsync(pipeline, standby);
    }

    /// <summary>PostgreSQL 15 carries no slot over: what happened between is not known to be in the log, and is not hidden.</summary>
    // Invariant 6
    [Fact]
    public async Task Standby_without_the_slot_is_refused()
    {
        await using var primary = await StallTests.StartAsync(15);
        await using var target = await TargetAsync();
        using var folder = new TemporaryFolder();
        await using var standby = await primary.StartStandbyAsync();
        await using (var pipeline = Start(primary, folder, target))
        {
            await pipeline.UntilStreamingAsync();
            await primary.ExecuteAsync("INSERT INTO t VALUES (1)", "source");
            await pipeline.UntilEqualAsync(primary, Rows);
        }

        await primary.StopAsync();
        await standby.PromoteAsync();
        await using var again = Start(standby, folder, target);
        var error = await Assert.ThrowsAsync<CdcException>(() => again.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60), Token));

        Assert.Equal(ErrorCodes.SourceSlotMissing, error.Code);
    }

    private static RunningPipeline Start(PostgresServer source, TemporaryFolder folder, PostgresServer target) =>
        RunningPipeline.Start(source, folder.Path, ["public.*"],
            options => options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } }, targetServer: target);

    private static async Task<PostgresServer> TargetAsync()
    {
        var server = await PostgresServer.StartAsync();
        await server.ExecuteAsync("CREATE DATABASE target");
        return server;
    }

    /// <summary>The standby keeps a slot for good only once what it needs is there: the primary has to write a little for that.</summary>
    private static Task UntilCarriedOverAsync(
        PostgresServer primary, PostgresServer standby) => Eventually.HoldsAsync("the slot was carried over", async () =>
    {
        await primary.ExecuteAsync("SELECT pg_log_standby_snapshot(); SELECT pg_logical_emit_message(true, 'test', '')", "source");
        return await standby.QueryAsync<long>(
            "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'shop' AND synced AND NOT temporary") == 1;
    }, TimeSpan.FromSeconds(120));

    /// <summary>Commits one row after another; once capture is under way with them the primary crashes.</summary>
    private static async Task WriteUntilItFailsAsync(PostgresServer primary, RunningPipeline pipeline)
    {
        var records = pipeline.Capture.Progress.Records;
        var writing = Task.Run(() => WriteAsync(primary), Token);
        await Eventually.HoldsAsync("capture takes the rows", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Records >= records + 200;
        }, TimeSpan.FromSeconds(60));
        await primary.StopAsync("immediate");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => writing.WaitAsync(TimeSpan.FromSeconds(60), Token));
    }

    private static async Task WriteAsync(PostgresServer primary)
    {
        await using var session = await primary.ConnectAsync("source");
        for (var id = 1; ; id++)
        {
            await using var insert = new NpgsqlCommand($"INSERT INTO t VALUES ({id})", session);
            await insert.ExecuteNonQueryAsync(Token);
        }
    }

    private static async Task AssertEachOnceAsync(RunningPipeline pipeline, PostgresServer source)
    {
        var rows = await source.QueryAsync<long>("SELECT count(*) FROM t", "source");
        Assert.True(rows >= 1200, $"only {rows} rows came over");
        var topic = Assert.Single(await pipeline.Log.DescribeTopicsAsync(_ => true, Token), topic => topic.Topic == "shop.public.t");
        Assert.Equal(rows, Assert.Single(topic.Partitions).NextOffset);
    }
}
