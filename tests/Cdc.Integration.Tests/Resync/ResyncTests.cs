using System.Globalization;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Capture.Tables;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Snapshot;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>
/// Tables are read again on request, beside the stream of a real source, and the checkpoint says where that lies in the log.
/// </summary>
public sealed class ResyncTests
{
    private const string Topic = "shop.public.item";
    private static readonly TableId Item = new("public", "item");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariants 2 and 3
    [Fact]
    public async Task Table_is_read_again_while_writers_change_it()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item", "public.part"],
            options => SnapshotServer.SmallChunks(options) with
        {
            Partitions = [new(Topic, 3)],
        });
        var first = await pipeline.UntilCompleteAsync(Topic, after: "");
        Assert.All(first.Begin, begin => Assert.Equal(0, begin));
        await using var writers = SnapshotWriters.Start(server, 1);

        await AskAsync(pipeline.Log, "public.item");
        var second = await pipeline.UntilCompleteAsync(Topic, after: first.Id);
        await writers.StopAsync();

        await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
        Assert.Equal(3, second.Begin.Length);
        Assert.All(second.Begin.Zip(first.End), pair => Assert.True(pair.First >= pair.Second));
        await AllReadsLieWithinAsync(pipeline, first, "first", atLeast: 100_000);
        await AllReadsLieWithinAsync(pipeline, second, "gap", atLeast: 80_000);
        var others = await LoggedEvent.ReadAsync(pipeline.Log, pipeline.Registry, "shop.public.part");
        Assert.DoesNotContain(others, change => change.Reason == "gap");
    }

    // Invariant 3
    [Fact]
    public async Task Reading_again_continues_after_a_kill_and_is_asked_for_once()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        SnapshotBounds first;
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], SnapshotServer.SmallChunks))
            first = await pipeline.UntilCompleteAsync(Topic, after: "");

        // Left while nothing runs: the next start takes it up.
        await using (var log = Transport.Embedded.EmbeddedLog.Open(new() { Path = folder.Path }, TimeProvider.System))
            await AskAsync(log, "public.*");
        SnapshotBounds running;
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], Slowly))
        {
            await Eventually.HoldsAsync("some is read again", async () =>
            {
                await pipeline.ThrowIfEndedAsync();
                return pipeline.Capture.Progress.Reads.GetValueOrDefault(Item) is { Reason: "gap", State: TableState.Reading,
                    RowsRead: > 5_000 and < 90_000 };
            }, cancellationToken: Token);
            await AskAsync(pipeline.Log, "public.*"); // It joins the one that runs.
            running = SnapshotBounds.Read(await pipeline.Log.ReadCheckpointAsync("shop", Token))[Topic];
            Assert.False(running.IsComplete);
        }

        await using var last = RunningPipeline.Start(server, folder.Path, ["public.item"], SnapshotServer.SmallChunks);
        var second = await last.UntilCompleteAsync(Topic, after: first.Id);

        Assert.Equal(running with { End = second.End }, second with { Begin = running.Begin });
        Assert.Equal(running.Begin, second.Begin);
        await AllReadsLieWithinAsync(last, second, "gap", atLeast: 100_000);
        await Eventually.HoldsAsync("the request is taken up", async () =>
            (await last.Log.ReadCheckpointAsync("shop", Token))["requests"] == "2", cancellationToken: Token);
        Assert.Equal(second.Id, (await last.UntilCompleteAsync(Topic, after: first.Id)).Id);
    }

    [Fact]
    public async Task Stopped_table_continues()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE item (id numeric(10,2) PRIMARY KEY, amount int, note text); INSERT INTO item VALUES (1, 1, 'a')", "source");
        using var folder = new TemporaryFolder();
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]))
        {
            await pipeline.UntilCompleteAsync(Topic, after: "");
            await server.ExecuteAsync("INSERT INTO item VALUES ('NaN', 2, 'no key can carry it'); INSERT INTO item VALUES (3, 3, 'c')",
                "source");
            await Eventually.HoldsAsync("the table stands still", () => pipeline.Capture.Progress.Tables[Item].Reason is not null,
                cancellationToken: Token);
            await server.ExecuteAsync("DELETE FROM item WHERE id = 'NaN'; INSERT INTO item VALUES (4, 4, 'd')", "source");

            await AskAsync(pipeline.Log, "public.item");

            await Eventually.HoldsAsync("the table goes on", () => pipeline.Capture.Progress.Tables[Item].Reason is null,
                cancellationToken: Token);
            await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
        }

        await using var again = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await server.ExecuteAsync("UPDATE item SET note = note || '!'", "source");
        await again.UntilEqualAsync(server, SnapshotServer.Items);
        Assert.Null(again.Capture.Progress.Tables[Item].Reason);
    }

    [Fact]
    public async Task Empty_table_has_bounds_too()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, amount int, note text)", "source");
        await server.ExecuteAsync("CREATE TABLE part (id int PRIMARY KEY) PARTITION BY RANGE (id)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);

        var first = await pipeline.UntilCompleteAsync(Topic, after: "");
        Assert.Equal(0, first.Begin.Single());
        Assert.Equal(0, first.End.Single());
        var partitioned = await pipeline.UntilCompleteAsync("shop.public.part", after: "");
        Assert.Equal(0, partitioned.End.Single());

        await server.ExecuteAsync("INSERT INTO item VALUES (1, 1, 'a'); DELETE FROM item", "source");
        await Eventually.HoldsAsync("the changes are in the log", async () =>
            (await LoggedEvent.ReadAsync(pipeline.Log, pipeline.Registry, Topic)).Count == 2, cancellationToken: Token);
        await AskAsync(pipeline.Log, "*");
        var second = await pipeline.UntilCompleteAsync(Topic, after: first.Id);
        Assert.Equal(3, second.Begin.Single()); // An insert, a delete, a tombstone.
        Assert.Equal(3, second.End.Single());
    }

    [Fact]
    public async Task Table_that_is_never_read_is_read_on_request_also_over_a_restart()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], options => Never(Slowly(options))))
        {
            await pipeline.UntilStreamingAsync();
            Assert.Empty(SnapshotBounds.Read(await pipeline.Log.ReadCheckpointAsync("shop", Token)));
            await AskAsync(pipeline.Log, "public.item");
            await Eventually.HoldsAsync("some is read", () => pipeline.Capture.Progress.Reads.GetValueOrDefault(Item)?.RowsRead > 5_000,
                cancellationToken: Token);
        }

        await using var last = RunningPipeline.Start(server, folder.Path, ["public.item"],
            options => Never(SnapshotServer.SmallChunks(options)));
        var bounds = await last.UntilCompleteAsync(Topic, after: "");
        await AllReadsLieWithinAsync(last, bounds, "gap", atLeast: 100_000);
        await last.UntilEqualAsync(server, SnapshotServer.Items);
    }

    [Fact]
    public async Task Large_table_that_is_read_keeps_no_other_waiting()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE large (id int PRIMARY KEY, note text); INSERT INTO large SELECT i, 'row ' || i FROM generate_series(1, 100000) i",
            "source");
        await server.ExecuteAsync("CREATE TABLE small (id int PRIMARY KEY); INSERT INTO small VALUES (1)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], options => options with
        {
            Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never, ChunkBytes = 16 << 10, RowsPerSecond = 2_000 },
        });
        await pipeline.UntilStreamingAsync();
        var large = new TableId("public", "large");
        await AskAsync(pipeline.Log, large.ToString());
        await Eventually.HoldsAsync("some is read", () => pipeline.Capture.Progress.Reads.GetValueOrDefault(large)?.RowsRead > 0,
            cancellationToken: Token);

        await AskAsync(pipeline.Log, "public.small");

        await pipeline.UntilCompleteAsync("shop.public.small", after: "");
        Assert.Equal(TableState.Reading, pipeline.Capture.Progress.Reads[large].State);
    }

    private static CaptureOptions Slowly(CaptureOptions options) =>
        options with { Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10, RowsPerSecond = 20_000 } };

    private static CaptureOptions Never(CaptureOptions options) =>
        options with { Snapshot = options.Snapshot with { Mode = SnapshotMode.Never } };

    private static Task AskAsync(ITopicLog log, params string[] tables) =>
        new ResyncRequests(log, "shop").SendAsync(ResyncRequest.For(tables), Token);

    private static async Task AllReadsLieWithinAsync(RunningPipeline pipeline, SnapshotBounds bounds, string reason, int atLeast)
    {
        var reads = (await LoggedEvent.ReadAsync(pipeline.Log, pipeline.Registry, bounds.Topic)).Where(change =>
            change.Snapshot == bounds.Id && change.Reason != "key").ToList();
        Assert.True(reads.Count >= atLeast,
            string.Create(CultureInfo.InvariantCulture, $"{reads.Count} rows were read, at least {atLeast} are there."));
        Assert.All(reads, read => Assert.Equal((Operation.Read, reason), (read.Operation, read.Reason)));
        Assert.All(reads, read => Assert.InRange(read.Offset, bounds.Begin[read.Partition], bounds.End[read.Partition] - 1));
    }
}
