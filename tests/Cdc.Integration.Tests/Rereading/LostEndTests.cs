using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.DuckDb;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Rereading;

/// <summary>An older copy of the log is brought back, and capture cannot tell: what it lost did not move the source's slot.</summary>
public sealed class LostEndTests
{
    private const string Topic = "shop.public.t";
    private const string Rows = "SELECT coalesce(string_agg(concat_ws('|', id, v), ';' ORDER BY id), '') FROM public.t";

    // Invariant 6
    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public async Task Table_is_stopped_however_far_the_log_grew_again_until_all_is_read_again(int grown)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY)", "source");
        using var folder = new TemporaryFolder();
        using var copy = new TemporaryFolder();
        using var lake = new TemporaryDuckDb();
        await ApplyAsync(server, folder, lake, "INSERT INTO t SELECT i, 'first' FROM generate_series(1, 60) i");
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)), overwrite: true);
        await ApplyAsync(server, folder, lake, "INSERT INTO t SELECT i, 'lost' FROM generate_series(100, 150) i");
        var kept = await server.QueryAsync<string>(Rows, "target");
        await using (var bench = new RereadBench(server, folder.Path))
        {
            await bench.CaptureAsync("DELETE FROM t WHERE id % 2 = 0");
            await BringBackAsync(await bench.Log.ReadCheckpointAsync("shop", CancellationToken.None), copy.Path);
        }

        await using (var bench = new RereadBench(server, copy.Path))
            await bench.CaptureAsync(
                $"INSERT INTO t SELECT i, 'grown' FROM generate_series(1001, 1000 + {grown}) i; INSERT INTO u VALUES (1)");
        for (var start = 0; start < 2; start++)
        {
            await using var bench = new RereadBench(server, copy.Path);
            bench.StartBoth(lake);
            await StopAsync(bench);
            await new ResyncRequests(bench.Log, "shop").SendAsync(ResyncRequest.For(["public.t"]), CancellationToken.None);
            await bench.CaptureAsync(FormattableString.Invariant($"INSERT INTO u VALUES ({start + 2})"));
            await bench.UntilAppliedAsync();
            await StopAsync(bench);
            Assert.Equal(kept, await server.QueryAsync<string>(Rows, "target"));
            Assert.Equal(kept, lake.Query(Rows)[0][0]);
        }

        await using (var bench = new RereadBench(server, copy.Path))
        {
            bench.StartBoth(lake);
            await new ResyncRequests(bench.Log, "shop").SendAsync(ResyncRequest.For([ResyncRequest.All]), CancellationToken.None);
            await bench.CaptureAsync("INSERT INTO u VALUES (9)");
            await bench.HoldsAsync("both go on by themselves",
                () => Task.FromResult(bench.Sinks.All(sink => sink.Progress.TroubleOf(Topic) is null)));
            await bench.UntilAppliedAsync();
        }

        var source = await server.QueryAsync<string>(Rows, "source");
        Assert.Equal(source, await server.QueryAsync<string>(Rows, "target"));
        Assert.Equal(source, lake.Query(Rows)[0][0]);
    }

    private static Task StopAsync(RereadBench bench) => bench.HoldsAsync("both sinks stop the table", () => Task.FromResult(
        bench.Sinks.All(sink => sink.Progress.TroubleOf(Topic)?.Code == ErrorCodes.OffsetBeyondEnd)));

    private static async Task ApplyAsync(PostgresServer server, TemporaryFolder folder, TemporaryDuckDb lake, string statements)
    {
        await using var bench = new RereadBench(server, folder.Path);
        bench.StartBoth(lake);
        await bench.CaptureAsync(statements);
        await bench.UntilAppliedAsync();
    }

    /// <summary>The copy's checkpoint fits the slot, as if nothing that moves it had been captured since.</summary>
    private static async Task BringBackAsync(Checkpoint now, string copy)
    {
        await using var log = RereadBench.Open(copy);
        await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
        using var nothing = new RecordBatch(new PartitionTable());
        await writer.AppendAsync(
            nothing, _ => [.. ((string[])["position", "allowed"]).Select(key => new CheckpointEntry(key, now[key]))],
            CancellationToken.None);
    }
}
