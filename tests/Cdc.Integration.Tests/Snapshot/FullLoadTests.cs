using Cdc.Capture;
using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>
/// Tables that are only read: once they are, nothing keeps the source's log, and nothing is left to do until somebody asks.
/// </summary>
public sealed class FullLoadTests
{
    private const string Rows = "SELECT string_agg(id || ':' || note, ',' ORDER BY id) FROM public.item";
    private const string Slots = "SELECT count(*) FROM pg_replication_slots";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Slot_goes_and_the_next_run_has_nothing_to_do_until_a_reload_is_asked_for(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item SELECT i, 'one' FROM generate_series(1, 5) i", "source");
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, ReloadPolicy.Never);
        await server.ExecuteAsync(
            "UPDATE item SET note = 'two' WHERE id > 3; DELETE FROM item WHERE id = 1; INSERT INTO item VALUES (9, 'new')", "source");

        await using (var second = Start(server, folder, ReloadPolicy.Never))
        {
            await second.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60), Token);
            Assert.True(second.Capture.Progress.IsDone);
            Assert.True(await second.Capture.HasReachedAsync(await second.Capture.ReadEndAsync(Token), Token));
        }

        Assert.Equal("1:one,2:one,3:one,4:one,5:one", await server.QueryAsync<string>(Rows, "target"));
        await RunAsync(server, folder, ReloadPolicy.Again);
        await RunAsync(server, folder, ReloadPolicy.Again);
    }

    /// <summary>Whoever wants the stream after all must know that what happened since the read is not in it.</summary>
    // Invariant 6
    [Fact]
    public async Task Stream_after_a_full_load_is_a_gap_that_has_to_be_acknowledged()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item VALUES (1, 'one')", "source");
        using var folder = new TemporaryFolder();
        await RunAsync(server, folder, ReloadPolicy.Never);

        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        var error = await Assert.ThrowsAsync<CdcException>(() => pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60), Token));

        Assert.Equal(ErrorCodes.SourceSlotMissing, error.Code);
        Assert.Contains("snapshot.mode: only", error.Message, StringComparison.Ordinal);
    }

    private static async Task RunAsync(PostgresServer server, TemporaryFolder folder, ReloadPolicy reload)
    {
        await using var pipeline = Start(server, folder, reload);
        await pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60), Token);
        await pipeline.UntilEqualAsync(server, Rows);
        Assert.Equal(0, await server.QueryAsync<long>(Slots));
    }

    private static RunningPipeline Start(PostgresServer server, TemporaryFolder folder, ReloadPolicy reload) =>
        RunningPipeline.Start(server, folder.Path, ["public.*"],
            options => options with { Snapshot = options.Snapshot with { Mode = SnapshotMode.Only } }, reload: reload);
}
