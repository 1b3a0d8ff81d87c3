using Cdc.Capture.Requests;
using Cdc.Contracts.Positions;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>A table that is stopped at the sink continues by itself at a re-read that begins behind what stopped it.</summary>
public sealed class StoppedSinkTests
{
    private const string Topic = "shop.public.t";
    private const string Rows = "SELECT coalesce(string_agg(concat_ws('|', id, note), ',' ORDER BY id), '') FROM public.t";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariant 6
    [Fact]
    public async Task Table_that_the_target_refused_continues_at_a_re_read_and_stops_again_where_that_is_refused_too()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);
        await server.ExecuteAsync("ALTER TABLE public.t ADD CHECK (note <> 'bad')", "target");
        await server.ExecuteAsync("INSERT INTO t VALUES (4, 'bad'); UPDATE t SET note = 'later' WHERE id = 1; DELETE FROM t WHERE id = 2",
            "source");
        await UntilStillAsync(pipeline, since: 0);
        var kept = await server.QueryAsync<string>(Rows, "target");

        await AskAsync(pipeline);
        var tried = await UntilStillAsync(pipeline, since: 1);
        Assert.Equal(kept, await server.QueryAsync<string>(Rows, "target"));

        await server.ExecuteAsync("UPDATE t SET note = 'good' WHERE id = 4", "source");
        await AskAsync(pipeline);
        await pipeline.UntilEqualAsync(server, Rows);

        Assert.Null(pipeline.Sink.Progress.TroubleOf(Topic));
        await Eventually.HoldsAsync("the re-read is swept", async () =>
            await server.QueryAsync<long>($"SELECT count(*) FROM _cdc.ledger WHERE swept IS NOT NULL AND since > {tried}", "target") == 1,
            cancellationToken: Token);
    }

    private static Task AskAsync(RunningPipeline pipeline) =>
        new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.t"]), Token);

    /// <summary>Waits until the table is stopped at an offset at least; answers with it.</summary>
    private static async Task<long> UntilStillAsync(RunningPipeline pipeline, long since)
    {
        var entry = () => pipeline.Sink.Progress.Partitions[new TopicPartition(Topic, 0)];
        await Eventually.HoldsAsync("the table stands still", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Sink.Progress.TroubleOf(Topic) is not null && entry().Since >= since;
        }, TimeSpan.FromSeconds(60), Token);
        return entry().Since;
    }
}
