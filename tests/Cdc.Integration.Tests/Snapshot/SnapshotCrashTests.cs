using Cdc.Capture;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>Capture ends in the middle of reading tables, and another process continues from the checkpoint.</summary>
public sealed class SnapshotCrashTests
{
    private static readonly TableId Item = new("public", "item");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// The race at the window's edge outlives a restart: what was streamed before it is still invisible to the reads after it.
    /// </summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Streamed_but_invisible_commit_is_not_overwritten_after_a_restart(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, 0, 'old' " +
            "FROM generate_series(1, 20000) i", "source");
        await server.ExecuteAsync("ALTER DATABASE target SET synchronous_commit = local");
        using var folder = new TemporaryFolder();
        Task hanging;
        await using var session = await server.ConnectAsync("source");
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.item"], Slowly))
        {
            await Eventually.HoldsAsync("the table is being read", async () =>
            {
                await first.ThrowIfEndedAsync();
                return first.Capture.Progress.Reads.GetValueOrDefault(Item)?.State == TableState.Reading;
            }, TimeSpan.FromSeconds(60), Token);
            await SetStandbyAsync(server, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "nobody");
            hanging = ExecuteAsync(session, "UPDATE item SET note = 'streamed', amount = 1 WHERE id % 2 = 0");
            await Eventually.HoldsAsync("the change is streamed", async () =>
                await server.QueryAsync<bool>("SELECT to_regclass('public.item') IS NOT NULL", "target")
                && await server.QueryAsync<long>("SELECT count(*) FROM public.item WHERE amount = 1", "target") == 10_000,
                TimeSpan.FromSeconds(60), Token);
        }

        const string scanned = "SELECT coalesce(seq_tup_read, 0) FROM pg_stat_user_tables WHERE relname = 'item'";
        var before = await server.QueryAsync<long>(scanned, "source");
        await using var second = RunningPipeline.Start(server, folder.Path, ["public.item"], Slowly);
        try
        {
            await Eventually.HoldsAsync("the table is read on", async () =>
            {
                await second.ThrowIfEndedAsync();
                return await server.QueryAsync<long>(scanned, "source") > before;
            }, TimeSpan.FromSeconds(60), Token);
            Assert.False(hanging.IsCompleted);
        }
        finally
        {
            await SetStandbyAsync(server, "ALTER SYSTEM RESET synchronous_standby_names", "");
            await hanging;
        }

        await Eventually.HoldsAsync("the table is complete", () => second.Capture.Progress.Reads[Item].State == TableState.Complete,
            TimeSpan.FromSeconds(120), Token);
        await second.UntilEqualAsync(server, SnapshotServer.Items);
    }

    private static CaptureOptions Slowly(CaptureOptions options) =>
        options with { Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10, RowsPerSecond = 2_000 } };

    private static async Task SetStandbyAsync(PostgresServer server, string statement, string expected)
    {
        await server.ExecuteAsync(statement);
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.HoldsAsync("commits know",
            async () => await server.QueryAsync<string>("SHOW synchronous_standby_names") == expected, cancellationToken: Token);
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync();
    }
}
