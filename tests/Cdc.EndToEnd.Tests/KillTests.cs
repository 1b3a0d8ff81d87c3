using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests;

/// <summary>
/// Kills the program at random moments while random transactions run, restarts the server and breaks its connections in between; afterwards
/// source and target hold the same, and the log holds each change once, in order.
/// </summary>
public sealed class KillTests
{
    /// <summary>With so many a campaign does once everything that it can do.</summary>
    private const int FewestKills = 8;

    /// <summary>Rows of the one large transaction in the middle.</summary>
    private static readonly int BulkRows = TestSetting.Read("CDC_BULK_ROWS", 50_000);

    // Invariants 1, 2, 3, 6: a long campaign is the same test with CDC_KILLS, CDC_SEED, CDC_BULK_ROWS and CDC_SERVER (the only version)
    // set.
    [Theory]
    [InlineData(15, 15)]
    [InlineData(18, FewestKills)]
    public async Task Nothing_is_lost_repeated_or_reordered_under_kills(int major, int usualKills)
    {
        Assert.SkipUnless(TestSetting.Read("CDC_SERVER", major) == major, $"CDC_SERVER names another version than {major}.");
        var kills = TestSetting.Read("CDC_KILLS", usualKills);
        Assert.True(kills >= FewestKills, $"{kills} kills are too few for all that a campaign does: {FewestKills}");
        var seed = TestSetting.Read("CDC_SEED", Environment.TickCount & 0xffff);
        var random = new Random(seed);
        await using var server = await Shop.StartAsync(major);
        using var folder = new TemporaryFolder();
        var file = await Shop.WriteConfigurationAsync(server, folder.Path, Math.Max(2000, BulkRows / 50));
        var cdc = CdcProcess.Start("run", file);
        try
        {
            await Eventually.HoldsAsync("the first table arrives", async () =>
            {
                cdc.ThrowIfExited();
                return await server.QueryAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'shop'", "target") > 0;
            });
            await using var writers = new Writers(server, seed);
            writers.Start(4);
            for (var kill = 0; kill < kills; kill++)
            {
                await WaitAsync(writers, random.Next(20, 300));
                cdc.ThrowIfExited();
                await cdc.KillAsync();
                cdc.Dispose();
                if (kill % 5 == 3)
                    await ResyncAsync(file);
                cdc = CdcProcess.Start("run", file);
                await DisturbAsync(server, kill, kills);
            }

            await writers.StopAsync();
            await UntilEqualAsync(server, cdc, seed);
            Assert.Equal(0, await cdc.StopAsync());
            cdc.Dispose();
            cdc = CdcProcess.Start("run", file, "--until-caught-up");
            await cdc.EndsInOrderAsync(TimeSpan.FromMinutes(5)); // It may have the large table to read again.
        }
        finally
        {
            cdc.Dispose();
        }

        await AssertLakeIsEqualAsync(server, Path.Combine(folder.Path, "lake.duckdb"), seed);
        var audit = await LogAudit.RunAsync(Path.Combine(folder.Path, "log"));
        Assert.True(audit.Faults.Count == 0, $"seed {seed}: {audit.Faults.Count} faults:\n{audit}");
        Assert.True(audit.Changes > 1000, $"seed {seed}: only {audit.Changes} changes came: the campaign did not run");
    }

    /// <summary>Not by <c>--all</c>, which would acknowledge a gap that this campaign is to find.</summary>
    private static async Task ResyncAsync(string file)
    {
        using var resync = CdcProcess.Start("resync", file, "shop.plain", "shop.m*", "shop.r*");
        await resync.EndsInOrderAsync(TimeSpan.FromSeconds(60));
    }

    private static async Task DisturbAsync(PostgresServer server, int kill, int kills)
    {
        if (kill == kills / 2)
            await Shop.BulkAsync(server, BulkRows);
        var pause = Math.Min(kills / Shop.Growths, 3);
        if (kill % pause == 1 && kill / pause < Shop.Growths)
            await Shop.GrowAsync(server, kill / pause);
        if (kill % 5 == 2)
            await server.ExecuteAsync("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active");
        if (kill % 10 == 7)
        {
            await server.StopAsync("immediate");
            await server.StartAgainAsync();
        }
    }

    private static Task WaitAsync(Writers writers, int transactions)
    {
        var until = writers.Transactions + transactions;
        return Eventually.HoldsAsync("the writers go on", () => writers.Transactions >= until, TimeSpan.FromSeconds(60));
    }

    private static async Task UntilEqualAsync(PostgresServer server, CdcProcess cdc, int seed)
    {
        foreach (var table in Shop.Tables)
        {
            var (source, target) = (await server.QueryAsync<string>(Shop.Digest(table), "source"), "");
            try
            {
                await Eventually.HoldsAsync($"table '{table}' is the same in source and target", async () =>
                {
                    cdc.ThrowIfExited();
                    target = await TargetAsync(server, table);
                    return source == target;
                }, TimeSpan.FromSeconds(60));
            }
            catch (TimeoutException)
            {
                Assert.Fail($"seed {seed}: table '{table}' is {source} in the source and {target} in the target.\n{cdc.Output}");
            }
        }
    }

    private static async Task AssertLakeIsEqualAsync(PostgresServer server, string file, int seed)
    {
        foreach (var table in Shop.Tables)
        {
            var rows = await server.QueryAsync<string[]>($"SELECT array({Shop.Lines(table)})", "source");
            var lake = Lake.Query(file, Shop.Lines(table));
            Assert.True(rows.SequenceEqual(lake),
                $"seed {seed}: table '{table}' differs in the DuckDB file: {rows.Length} rows against {lake.Count}, first "
                + $"'{rows.Except(lake).FirstOrDefault()}' against '{lake.Except(rows).FirstOrDefault()}'");
        }
    }

    private static async Task<string> TargetAsync(PostgresServer server, string table)
    {
        try
        {
            return await server.QueryAsync<string>(Shop.Digest(table), "target");
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return "not there yet";
        }
    }
}
