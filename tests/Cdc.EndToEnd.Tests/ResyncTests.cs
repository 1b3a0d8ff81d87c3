using System.Text.Json.Nodes;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests;

/// <summary><c>cdc resync</c> beside a process that runs, and before one that does.</summary>
public sealed class ResyncTests
{
    [Fact]
    public async Task Tables_are_read_again_by_the_process_that_runs_or_by_the_next_one()
    {
        await using var server = await Shop.StartAsync();
        for (var i = 0; i < Shop.Growths; i++)
            await Shop.GrowAsync(server, i);
        using var folder = new TemporaryFolder();
        var file = await Shop.WriteConfigurationAsync(server, folder.Path);
        await File.WriteAllTextAsync(file,
            (await File.ReadAllTextAsync(file)).Replace(", rowsPerSecond: 2000", "", StringComparison.Ordinal));
        await RunUntilCaughtUpAsync(file);
        await server.ExecuteAsync("UPDATE shop.plain SET note = 'changed here' WHERE id % 2 = 0", "target");

        using (var run = CdcProcess.Start("run", file))
        {
            await Eventually.HoldsAsync("the process can be asked", () =>
            {
                run.ThrowIfExited();
                return run.Output.Contains("\"Serving\"", StringComparison.Ordinal);
            });
            using var resync = CdcProcess.Start("resync", file, "shop.plain", "--output", "json");
            await resync.EndsInOrderAsync(TimeSpan.FromSeconds(60));
            Assert.True((bool)JsonNode.Parse(resync.Output)!["running"]!);
            await Eventually.HoldsAsync("the table is as the source's again", async () =>
            {
                run.ThrowIfExited();
                return await server.QueryAsync<string>(Shop.Digest("plain"), "target")
                    == await server.QueryAsync<string>(Shop.Digest("plain"), "source");
            }, TimeSpan.FromSeconds(60));
            Assert.Equal(0, await run.StopAsync());
        }

        await server.ExecuteAsync("SELECT pg_drop_replication_slot('shop')", "source");
        await server.ExecuteAsync("UPDATE shop.plain SET note = 'missed'; UPDATE shop.moving SET body = 'missed'", "source");
        using (var refused = CdcProcess.Start("run", file))
        {
            Assert.Equal(3, await refused.WaitForExitAsync(TimeSpan.FromSeconds(60)));
            Assert.Contains("CDC-2006", refused.Output, StringComparison.Ordinal);
            Assert.Contains("cdc resync FILE --all", refused.Output, StringComparison.Ordinal);
        }

        using var all = CdcProcess.Start("resync", file, "--all");
        await all.EndsInOrderAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("Nothing runs", all.Output, StringComparison.Ordinal);
        await RunUntilCaughtUpAsync(file);
        foreach (var table in Shop.Tables)
            Assert.Equal(await server.QueryAsync<string>(Shop.Digest(table), "source"),
                await server.QueryAsync<string>(Shop.Digest(table), "target"));
    }

    private static async Task RunUntilCaughtUpAsync(string file)
    {
        using var run = CdcProcess.Start("run", file, "--until-caught-up");
        await run.EndsInOrderAsync(TimeSpan.FromSeconds(120));
    }
}
