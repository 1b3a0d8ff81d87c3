using Cdc.Capture;
using Cdc.Capture.Reading;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Load;

/// <summary>A table without a key is read under a lock that changes of its structure wait for.</summary>
public sealed class GivingWayTests
{
    private const string Rows =
        "SELECT count(*) || md5(string_agg(row, ';' ORDER BY row)) FROM (SELECT concat_ws('|', a, b)::text AS row FROM public.bag) rows";

    private const string Change = "BEGIN; LOCK TABLE bag IN ACCESS EXCLUSIVE MODE; COMMIT";

    private static readonly TableId Bag = new("public", "bag");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_ends_for_who_waits_for_it_three_times_and_then_says_who()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE bag (a int, b text); ALTER TABLE bag REPLICA IDENTITY FULL;
            INSERT INTO bag SELECT i, repeat('x', 100) || i FROM generate_series(1, 60000) i;
            CREATE TABLE item (id int PRIMARY KEY)
            """, "source");
        using var folder = new TemporaryFolder();
        HeldLog? held = null;
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], options => options with
        {
            Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10 },
        }, log => held = new HeldLog(log));

        DateTimeOffset? began = null;
        for (var time = 1; time <= 3; time++)
        {
            began = await HoldWhileReadingAsync(pipeline, held!, began);

            // The log is stalled, and so is the read; who changes the table does not.
            await server.ExecuteAsync(Change, "source");
            held!.Release();
        }

        await HoldWhileReadingAsync(pipeline, held!, began);
        var changing = server.ExecuteAsync(Change, "source");
        await Eventually.HoldsAsync("it waits", () => server.QueryAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'bag'::regclass " +
            "AND waitstart < clock_timestamp() - interval '8 s')", "source"),
            TimeSpan.FromSeconds(60), Token);
        Assert.False(changing.IsCompleted);
        held!.Release();
        await changing;
        await server.ExecuteAsync("DELETE FROM bag WHERE a = 5; INSERT INTO bag VALUES (5, 'new'); INSERT INTO item VALUES (1)", "source");
        await pipeline.UntilEqualAsync(server, Rows);
    }

    /// <summary>Holds the log in the middle of a read that began later than the one before; answers with when it began.</summary>
    private static async Task<DateTimeOffset?> HoldWhileReadingAsync(RunningPipeline pipeline, HeldLog log, DateTimeOffset? before)
    {
        TableSnapshotProgress? Reading() =>
            pipeline.Capture.Progress.Reads.GetValueOrDefault(Bag) is { HoldsStream: true, State: TableState.Reading } read
                && read.StartedAt != before ? read : null;

        log.Hold(() => Reading() is not null);
        await Eventually.HoldsAsync("it is being read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return log.Held.IsCompleted;
        }, TimeSpan.FromSeconds(60), Token);
        return Reading()!.StartedAt;
    }
}
