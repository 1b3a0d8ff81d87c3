using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>A target table that somebody dropped, or that is to have another name: never made again with a part of its rows (Invariant 6).</summary>
public sealed class LostTargetTests
{
    private const string Topic = "shop.public.item";
    private const string Rows = "SELECT count(*) || md5(string_agg(id || coalesce(note, ''), ',' ORDER BY id)) FROM public.item";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("DELETE FROM item WHERE id = 7")]
    public async Task Dropped_table_stops_while_it_runs_and_comes_back_whole_with_a_resync(string before)
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);

        await server.ExecuteAsync("DROP TABLE item", "target");
        await server.ExecuteAsync($"{before}; INSERT INTO item VALUES (1001, 'late')", "source");
        await UntilLostAsync(pipeline);
        await new RequestTopic(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await pipeline.UntilEqualAsync(server, Rows);
    }

    [Theory]
    [InlineData("ALTER TABLE item REPLICA IDENTITY DEFAULT")]
    [InlineData("ALTER TABLE item DROP CONSTRAINT item_pkey; ALTER TABLE item REPLICA IDENTITY FULL")]
    public async Task Table_that_was_dropped_while_nothing_ran_stops_too(string identity)
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync(identity, "source");
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"]))
            await first.UntilEqualAsync(server, Rows);

        await server.ExecuteAsync("DROP TABLE item", "target");
        await server.ExecuteAsync("INSERT INTO item VALUES (1001, 'late')", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilLostAsync(pipeline);
        Assert.Empty(await server.QueryAsync<string>("SELECT coalesce(string_agg(relname, ','), '') FROM pg_class WHERE relname = 'item'", "target"));
        await new RequestTopic(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await pipeline.UntilEqualAsync(server, Rows);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item SELECT i, 'row ' || i FROM generate_series(1, 1000) i", "source");
        return server;
    }

    private static Task UntilLostAsync(RunningPipeline pipeline) => Eventually.HoldsAsync("the table is found to be gone", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Sink.Progress.TroubleOf(Topic)?.Code == ErrorCodes.TargetTableLost;
    }, TimeSpan.FromSeconds(60), Token);
}
