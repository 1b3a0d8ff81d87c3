using Cdc.Capture;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>Tables that were there before capture are read beside the stream of a real source.</summary>
public sealed class SnapshotTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariants 2 and 3
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Tables_are_read_while_writers_change_them(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using var writers = SnapshotWriters.Start(server, 2);
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*", "Odd Schema.*"], SnapshotServer.SmallChunks);

        await UntilCompleteAsync(pipeline, 4);
        await writers.StopAsync();

        foreach (var question in SnapshotServer.Questions)
            await pipeline.UntilEqualAsync(server, question);
        Assert.All(pipeline.Capture.Progress.Reads.Values, table => Assert.NotNull(table.StartedAt));
        Assert.True(pipeline.Capture.Progress.Reads[new TableId("public", "item")].RowsRead >= 90_000);
    }

    // Invariant 3
    [Fact]
    public async Task Restart_continues_with_the_ranges_that_are_left()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using var writers = SnapshotWriters.Start(server, 1);
        var item = new TableId("public", "item");
        var (read, rounds) = (0L, 0);
        for (; rounds < 6; rounds++)
        {
            await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"],
                options => Slowly(SnapshotServer.SmallChunks(options)));
            await Eventually.HoldsAsync("some more is read",
                () => pipeline.Capture.Progress.Reads.GetValueOrDefault(item)?.RowsRead > read + 5_000, cancellationToken: Token);
            Assert.True(pipeline.Capture.Progress.Reads[item].RowsRead >= read);
            read = pipeline.Capture.Progress.Reads[item].RowsRead - 5_000;
        }

        await using var last = RunningPipeline.Start(server, folder.Path, ["public.item"], SnapshotServer.SmallChunks);
        await UntilCompleteAsync(last, 1);
        await writers.StopAsync();
        await last.UntilEqualAsync(server, SnapshotServer.Items);
    }

    [Fact]
    public async Task Only_reads_and_ends()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(
            server, folder.Path, ["public.item"], options => options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Only } });

        await pipeline.CaptureRun.WaitAsync(TimeSpan.FromSeconds(60), Token);

        Assert.Equal(TableState.Complete, pipeline.Capture.Progress.Reads[new TableId("public", "item")].State);
        await Eventually.HoldsAsync("the target has the rows", async () =>
            await RunningPipeline.AnswersAlikeAsync(server, SnapshotServer.Items), TimeSpan.FromSeconds(60), Token);
    }

    [Fact]
    public async Task Never_reads_nothing_but_keys_that_changed()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(
            server, folder.Path, ["public.long"], options => options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } });
        await pipeline.UntilStreamingAsync();

        await server.ExecuteAsync("UPDATE long SET id = id + 100000 WHERE id <= 3", "source");

        await Eventually.HoldsAsync("the moved rows are whole", async () => await RunningPipeline.AnswersAlikeAsync(server,
            "SELECT string_agg(id || md5(body), ',' ORDER BY id) FROM public.long WHERE id > 100000"), TimeSpan.FromSeconds(30), Token);
        Assert.Equal(3, await server.QueryAsync<long>("SELECT count(*) FROM public.long", "target"));
    }

    private static CaptureOptions Slowly(CaptureOptions options) =>
        options with { Snapshot = options.Snapshot with { RowsPerSecond = 10_000 } };

    private static Task UntilCompleteAsync(
        RunningPipeline pipeline, int tables) => Eventually.HoldsAsync($"{tables} tables are complete", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Reads.Values.Count(table => table.State == TableState.Complete) == tables;
    }, TimeSpan.FromSeconds(120), Token);
}
