using System.Diagnostics;
using Cdc.Capture;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A loop works, or waits for something outside, or is stuck: patience is measured by a clock that a test moves on.</summary>
public sealed class LivenessTests
{
    private const string Rows = "SELECT count(*) || ' ' || sum(id) FROM public.t";

    private readonly SteppedClock clock = new();

    [Fact]
    public async Task Loops_with_nothing_to_do_tick_and_a_source_that_is_away_is_waited_for()
    {
        await using var server = await StallTests.StartAsync(15, "wal_sender_timeout = '6s'");
        await using var target = await PostgresServer.StartAsync();
        await target.ExecuteAsync("CREATE DATABASE target");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], targetServer: target, healthClock: clock);
        await pipeline.UntilStreamingAsync();
        await UntilAliveAsync(pipeline, TimeSpan.FromMinutes(3));
        await UntilAliveAsync(pipeline, TimeSpan.FromMinutes(3));

        await server.StopAsync("immediate");
        await Eventually.HoldsAsync("the source is tried again",
            () => Task.FromResult(pipeline.Capture.Progress.Activity == CaptureActivity.Retrying), TimeSpan.FromSeconds(60));
        await UntilAliveAsync(pipeline, TimeSpan.FromDays(1));

        await server.StartAgainAsync();
        await pipeline.UntilStreamingAsync();
        await UntilAliveAsync(pipeline, TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task Capture_is_stuck_when_the_log_takes_nothing_and_its_feedback_is_not()
    {
        await using var server = await StallTests.StartAsync(15, "wal_sender_timeout = '6s'");
        using var folder = new TemporaryFolder();
        HeldLog? held = null;
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Append = options.Append with { Bytes = 64 << 10 } }, log => held = new HeldLog(log),
            healthClock: clock);
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (1)", "source");
        await pipeline.UntilEqualAsync(server, Rows);
        held!.Hold();
        await server.ExecuteAsync("INSERT INTO t SELECT generate_series(2, 50000)", "source");
        await held.Held.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync("only capture is stuck", () =>
        {
            if (pipeline.Health.FindStuck().Count == 0)
                clock.Advance(TimeSpan.FromMinutes(3));
            return Task.FromResult(pipeline.Health.FindStuck().SequenceEqual(["capture of source 'shop'"]));
        }, TimeSpan.FromSeconds(60));

        held.Release();
        await Eventually.HoldsAsync("nothing is stuck", () => Task.FromResult(pipeline.Health.FindStuck().Count == 0),
            TimeSpan.FromSeconds(60));
        await pipeline.UntilEqualAsync(server, Rows);
    }

    [Fact]
    public async Task A_target_that_takes_long_is_waited_for()
    {
        await using var server = await StallTests.StartAsync(15, "wal_sender_timeout = '6s'");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], healthClock: clock);
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (1)", "source");
        await pipeline.UntilEqualAsync(server, Rows);
        await using (var session = await server.ConnectAsync("target"))
        {
            await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE t, _cdc.ledger IN ACCESS EXCLUSIVE MODE", session);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await server.ExecuteAsync("INSERT INTO t VALUES (2)", "source");
            await Eventually.HoldsAsync("the sink waits for the lock",
                () => server.QueryAsync<bool>("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted", "target"), TimeSpan.FromSeconds(60));

            // Long enough for the loop to come to each of its ways to wait.
            for (var since = Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromSeconds(4);)
                await UntilAliveAsync(pipeline, TimeSpan.FromMinutes(3));
        }

        await pipeline.UntilEqualAsync(server, Rows);
    }

    private async Task UntilAliveAsync(RunningPipeline pipeline, TimeSpan later)
    {
        clock.Advance(later);
        try
        {
            await Eventually.HoldsAsync("nothing is stuck", () => Task.FromResult(pipeline.Health.FindStuck().Count == 0),
                TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Stuck: {string.Join(", ", pipeline.Health.FindStuck())}");
        }
    }
}
