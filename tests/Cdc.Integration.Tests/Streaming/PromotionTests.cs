using Cdc.Capture;
using Cdc.Contracts.Errors;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A standby takes over: either it has all that the log holds, or nothing of it is taken (Invariant 6).</summary>
public sealed class PromotionTests
{
    private const string Rows = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM public.t";

    // Invariant 6
    [Fact]
    public async Task Standby_that_missed_what_the_log_holds_is_refused()
    {
        await using var primary = await StallTests.StartAsync(15);
        using var folder = new TemporaryFolder();
        await RunAsync(primary, folder, "INSERT INTO t VALUES (1)");
        await using var standby = await primary.StartStandbyAsync();
        await standby.StopAsync();
        await RunAsync(primary, folder, "INSERT INTO t VALUES (2)");
        await primary.StopAsync();

        await standby.StartAgainAsync();
        await standby.PromoteAsync();
        await standby.ExecuteAsync("INSERT INTO t SELECT generate_series(1000, 2000)", "source");

        await using var pipeline = RunningPipeline.Start(standby, folder.Path, ["public.*"]);
        var error = await Assert.ThrowsAsync<CdcException>(() => pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(ErrorCodes.SourceTimelineLeft, error.Code);
        Assert.Contains("timeline '1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standby_itself_is_refused()
    {
        await using var primary = await StallTests.StartAsync(15);
        using var folder = new TemporaryFolder();
        await using var standby = await primary.StartStandbyAsync();

        await using var pipeline = RunningPipeline.Start(standby, folder.Path, ["public.*"]);
        var error = await Assert.ThrowsAsync<CdcException>(() => pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Equal(ErrorCodes.SourceIsStandby, error.Code);
    }

    private static async Task RunAsync(PostgresServer server, TemporaryFolder folder, string statement)
    {
        await using var pipeline = RunningPipeline.Start(
            server, folder.Path, ["public.*"], options => options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } });
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync(statement, "source");
        await pipeline.UntilEqualAsync(server, Rows);
    }
}
