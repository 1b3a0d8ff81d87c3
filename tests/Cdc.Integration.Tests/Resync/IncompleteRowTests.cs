using Cdc.Capture;
using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>
/// An update that leaves a long value as it is, of a row that the target does not have: what it lacks never becomes null (Invariant 4).
/// </summary>
public sealed class IncompleteRowTests
{
    private const string Topic = "shop.public.doc";
    private const string Rows =
        "SELECT count(*) || coalesce(md5(string_agg(id || '|' || n || coalesce(body, 'NULL'), ',' ORDER BY id)), '') FROM public.doc";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Table_that_was_read_is_read_again_by_itself()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);
        await pipeline.UntilCompleteAsync(Topic, after: "");

        await server.ExecuteAsync("DELETE FROM doc WHERE id IN (3, 4)", "target");
        await server.ExecuteAsync("UPDATE doc SET n = n + 1 WHERE id = 3; INSERT INTO doc VALUES (100, 1, 'short')", "source");

        await pipeline.UntilEqualAsync(server, Rows);
        await Eventually.HoldsAsync("the table is well again", () => pipeline.Sink.Progress.TroubleOf(Topic) is null);
    }

    [Fact]
    public async Task Table_that_is_never_read_stops_and_others_continue()
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync("CREATE TABLE other (id int PRIMARY KEY)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(
            server, folder.Path, ["public.*"], options => options with { Snapshot = options.Snapshot with { Mode = SnapshotMode.Never } });
        await pipeline.UntilStreamingAsync();

        await server.ExecuteAsync("UPDATE doc SET n = n + 1 WHERE id = 3; INSERT INTO other VALUES (1)", "source");
        await Eventually.HoldsAsync("the table stands still", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Sink.Progress.TroubleOf(Topic)?.Code == ErrorCodes.TargetRowIncomplete;
        }, TimeSpan.FromSeconds(60), Token);
        await pipeline.UntilEqualAsync(server, "SELECT count(*)::text FROM public.other");
        Assert.Equal(0L, await server.QueryAsync<long>("SELECT count(*) FROM public.doc", "target"));
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE doc (id int PRIMARY KEY, n int, body text); ALTER TABLE doc ALTER body SET STORAGE EXTERNAL;
            INSERT INTO doc SELECT i, i, repeat(md5(i::text), 300) FROM generate_series(1, 20) i
            """, "source");
        return server;
    }
}
