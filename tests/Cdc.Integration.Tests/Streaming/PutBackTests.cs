using Cdc.Capture;
using Cdc.Contracts.Errors;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>
/// A server that was put back to an earlier image of itself: system, timeline and slot are the same, what it holds is not.
/// </summary>
public sealed class PutBackTests
{
    private const string Rows = "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM public.t";

    // Invariant 6
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Log_that_ends_before_what_was_captured_stops_capture(int major) =>
        Assert.Contains("ends at", (await FailureAsync(major, "SELECT 1")).Message, StringComparison.Ordinal);

    // Invariant 6
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Log_that_grew_past_that_without_the_last_transaction_stops_capture(int major)
    {
        await FailureAsync(major, "INSERT INTO t SELECT generate_series(1000, 1999)", "SELECT pg_switch_wal()");
        await FailureAsync(major, "CREATE TABLE other AS SELECT generate_series(1, 1000) AS i", "SELECT pg_switch_wal()", "CHECKPOINT");
    }

    /// <summary>What was durable is in the image, so nothing is missing and capture continues.</summary>
    [Fact]
    public async Task Image_of_what_was_captured_is_no_earlier_one()
    {
        await using var server = await StallTests.StartAsync(15);
        await using var target = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        using var kept = new TemporaryFolder();
        await RunAsync(server, target, folder, "INSERT INTO t VALUES (1)");
        await server.StopAsync();
        await server.KeepAsync(Path.Combine(kept.Path, "copy"));
        await server.PutBackAsync(Path.Combine(kept.Path, "copy"));
        await server.StartAgainAsync();

        await RunAsync(server, target, folder, "INSERT INTO t VALUES (2)");
    }

    /// <summary>Captures, keeps an image, captures more, puts the image back and writes; answers with how capture ends then.</summary>
    private static async Task<CdcException> FailureAsync(int major, params string[] written)
    {
        await using var server = await StallTests.StartAsync(major);
        await using var target = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        using var kept = new TemporaryFolder();
        var copy = Path.Combine(kept.Path, "copy");
        await RunAsync(server, target, folder, "INSERT INTO t VALUES (1)");
        await server.StopAsync();
        await server.KeepAsync(copy);
        await server.StartAgainAsync();
        await RunAsync(server, target, folder, "INSERT INTO t SELECT generate_series(2, 2000)");
        await server.StopAsync();
        await server.PutBackAsync(copy);
        await server.StartAgainAsync();
        foreach (var statement in written)
            await server.ExecuteAsync(statement, "source");

        await using var pipeline = Start(server, target, folder);
        var error = await Assert.ThrowsAsync<CdcException>(() => pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(ErrorCodes.SourceOtherHistory, error.Code);
        return error;
    }

    private static async Task RunAsync(PostgresServer server, PostgresServer target, TemporaryFolder folder, string statement)
    {
        await using var pipeline = Start(server, target, folder);
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync(statement, "source");
        await Eventually.HoldsAsync("the rows have come", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return await TargetAsync(target) == await server.QueryAsync<string>(Rows, "source");
        }, TimeSpan.FromSeconds(60));
    }

    private static async Task<string> TargetAsync(PostgresServer target) =>
        await target.QueryAsync<bool>("SELECT to_regclass('public.t') IS NOT NULL", "target")
            ? await target.QueryAsync<string>(Rows, "target") : "";

    private static RunningPipeline Start(PostgresServer server, PostgresServer target, TemporaryFolder folder) =>
        RunningPipeline.Start(server, folder.Path, ["public.t"],
            options => options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } }, targetServer: target);
}
