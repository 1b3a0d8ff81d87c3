using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.DuckDb;
using Cdc.Sink;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Rereading;

/// <summary>A gap stops its table and keeps it as it is; a re-read brings it back, and takes what vanished in between.</summary>
public sealed class RereadTests
{
    private const string Topic = "shop.public.t";
    private const string Rows = "SELECT coalesce(string_agg(concat_ws('|', id, v), ';' ORDER BY id), '') FROM public.t";

    // Invariant 6
    [Fact]
    public async Task Table_behind_a_gap_is_stopped_until_it_is_read_again_and_what_vanished_goes()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        using var lake = new TemporaryDuckDb();
        await using (var bench = new RereadBench(server, folder.Path))
        {
            bench.StartBoth(lake);
            await bench.CaptureAsync("INSERT INTO t SELECT i, 'first' FROM generate_series(1, 60) i; INSERT INTO u VALUES (1)");
            await bench.UntilAppliedAsync();
        }

        var kept = await server.QueryAsync<string>(Rows, "target");
        await AssertEqualAsync(server, lake);
        await using (var bench = new RereadBench(server, folder.Path))
            await bench.CaptureAsync("DELETE FROM t WHERE id <= 10; " +
                string.Concat(Enumerable.Range(0, 60).Select(i => $"UPDATE t SET v = 'lost {i}' WHERE id > 10;")));
        await using (RereadBench.Open(folder.Path, retention: 1))
        {
            // Opened and closed: all segments but the newest go.
        }

        await using (var bench = new RereadBench(server, folder.Path))
        {
            bench.StartBoth(lake);
            await bench.HoldsAsync("both sinks stop the table", () => Task.FromResult(
                bench.Sinks.All(sink => sink.Progress.TroubleOf(Topic)?.Code == ErrorCodes.OffsetNoLongerHeld)));
            await bench.CaptureAsync("INSERT INTO u VALUES (2)");
            await bench.UntilAppliedAsync();
            Assert.Equal(3L, await server.QueryAsync<long>("SELECT sum(id)::bigint FROM public.u", "target"));
            Assert.Equal(kept, await server.QueryAsync<string>(Rows, "target"));
            Assert.Equal(kept, lake.Query(Rows)[0][0]);

            var begin = (await bench.StateOfAsync(Topic)).NextOffset;
            await RereadBench.NoteAsync(bench.Log, new SnapshotBounds(Topic, "again", "gap", [begin], []));
            await bench.HoldsAsync("both go on by themselves",
                () => Task.FromResult(bench.Sinks.All(sink => sink.Progress.TroubleOf(Topic) is null)));
            await bench.CaptureAsync("UPDATE t SET v = 'again'");
            await bench.UntilAppliedAsync();
            Assert.Equal(60L, await server.QueryAsync<long>("SELECT count(*) FROM public.t", "target"));

            var end = (await bench.StateOfAsync(Topic)).NextOffset;
            await RereadBench.NoteAsync(bench.Log, new SnapshotBounds(Topic, "again", "gap", [begin], [end]));
            await bench.UntilAppliedAsync();
            Assert.All(bench.Sinks,
                sink => Assert.Equal((begin, "again"), (RereadBench.LedgerOf(sink, Topic).Since, RereadBench.LedgerOf(sink, Topic).Swept)));
        }

        await AssertEqualAsync(server, lake);
        Assert.Equal(50L, await server.QueryAsync<long>("SELECT count(*) FROM public.t", "target"));
    }

    [Fact]
    public async Task Consumer_that_comes_late_begins_at_a_snapshot()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        using var lake = new TemporaryDuckDb();
        await using (var bench = new RereadBench(server, folder.Path))
        {
            bench.StartBoth(lake);
            await bench.CaptureAsync("INSERT INTO t SELECT i, 'first' FROM generate_series(1, 60) i");
            await bench.UntilAppliedAsync();
        }

        await server.ExecuteAsync("DELETE FROM _cdc.ledger; INSERT INTO public.t VALUES (900, 'ghost', 0, 5, now())", "target");
        lake.Execute("DELETE FROM _cdc.ledger; INSERT INTO public.t VALUES (900, 'ghost', 0, 5, now())");
        await using (var bench = new RereadBench(server, folder.Path))
        {
            await bench.CaptureAsync("INSERT INTO u VALUES (7)");
            await bench.CaptureAsync(string.Concat(Enumerable.Range(0, 60).Select(i => $"UPDATE t SET v = 'lost {i}';")));
        }

        await using (RereadBench.Open(folder.Path, retention: 1))
        {
            // Opened and closed: all segments but the newest go.
        }

        await using (var bench = new RereadBench(server, folder.Path))
        {
            var begin = (await bench.StateOfAsync(Topic)).NextOffset;
            await bench.CaptureAsync("UPDATE t SET v = 'again'; DELETE FROM t WHERE id > 50");
            await RereadBench.NoteAsync(bench.Log, new SnapshotBounds(Topic, "again", "gap", [begin], [begin + 60]));
            bench.StartBoth(lake);
            await bench.HoldsAsync("both sweep", () => Task.FromResult(bench.Sinks.All(
                sink => sink.Progress.Topics.Contains(Topic) && RereadBench.LedgerOf(sink, Topic).Swept == "again")));
            await bench.UntilAppliedAsync();
        }

        await AssertEqualAsync(server, lake);
        Assert.Equal(50L, await server.QueryAsync<long>("SELECT count(*) FROM public.t", "target"));
    }

    [Fact]
    public async Task Sink_does_not_write_over_the_tables_of_its_own_source()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var bench = new RereadBench(server, folder.Path);
        var source = bench.Target("source");
        bench.Start(new SinkOptions { Name = "loop", Postgres = source }, () => new PostgresTableWriter(source, TimeProvider.System));
        bench.Start(
            new SinkOptions { Name = "beside", Postgres = source, Target = new TargetOptions { Schema = "copy" } },
            () => new PostgresTableWriter(source, TimeProvider.System));

        await bench.CaptureAsync("INSERT INTO t VALUES (1, 'one')");
        var loop = bench.Sinks[0].Progress;
        await bench.HoldsAsync("the sink has taken the change",
            () => Task.FromResult(loop.TroubleOf(Topic) is not null || loop.Waiting is not null || loop.Changes > 0));
        Assert.True(loop.TroubleOf(Topic)?.Code == ErrorCodes.TargetIsSource,
            loop.TroubleOf(Topic)?.Message ?? loop.Waiting?.Message ?? "It was applied.");
        await bench.UntilAppliedAsync();

        Assert.Equal("one", await server.QueryAsync<string>("SELECT v FROM copy.t", "source"));
        Assert.Equal(2L,
            await server.QueryAsync<long>(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 't'", "source"));
    }

    /// <summary>
    /// A source that selects everything, and a sink beside it that names its schemas after the source's: each copy would be copied again.
    /// </summary>
    [Fact]
    public async Task Copies_in_the_same_database_are_not_copied_again()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var bench = new RereadBench(server, folder.Path);
        var source = bench.Target("source");
        bench.Start(
            new SinkOptions { Name = "beside", Postgres = source, Target = new TargetOptions { Schema = "{schema}_dw" } },
            () => new PostgresTableWriter(source, TimeProvider.System));
        await bench.CaptureAsync("INSERT INTO t VALUES (1, 'one')", ["!nothing.*"]);
        await bench.UntilAppliedAsync();

        await bench.CaptureAsync("INSERT INTO t VALUES (2, 'two')", ["!nothing.*"]);
        await bench.HoldsAsync("the copy's topic is met",
            () => Task.FromResult(bench.Sinks[0].Progress.TroubleOf("shop.public_dw.t") is not null));
        await bench.UntilAppliedAsync();

        Assert.Equal(ErrorCodes.TargetIsSource, bench.Sinks[0].Progress.TroubleOf("shop.public_dw.t")!.Code);
        Assert.Equal("one,two", await server.QueryAsync<string>("SELECT string_agg(v, ',' ORDER BY id) FROM public_dw.t", "source"));
        Assert.Equal(0L, await server.QueryAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'public_dw_dw'", "source"));
        Assert.Empty(await bench.Log.DescribeTopicsAsync(
            topic => topic.Contains("_cdc", StringComparison.Ordinal), TestContext.Current.CancellationToken));
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY)", "source");
        return server;
    }

    private static async Task AssertEqualAsync(PostgresServer server, TemporaryDuckDb lake)
    {
        var source = await server.QueryAsync<string>(Rows, "source");
        Assert.Equal(source, await server.QueryAsync<string>(Rows, "target"));
        Assert.Equal(source, lake.Query(Rows)[0][0]);
    }
}
