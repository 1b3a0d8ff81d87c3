using Cdc.Testing;

namespace Cdc.EndToEnd.Tests;

/// <summary>How <c>cdc run</c> begins and ends.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task Run_until_caught_up_ends_when_all_is_applied()
    {
        await using var server = await Shop.StartAsync();
        using var folder = new TemporaryFolder();
        var file = await Shop.WriteConfigurationAsync(server, folder.Path);
        using (var first = CdcProcess.Start("run", file, "--until-caught-up"))
        {
            await first.EndsInOrderAsync(TimeSpan.FromSeconds(60));
        }

        await server.ExecuteAsync("INSERT INTO shop.plain SELECT -i, -i, 0, 1, now(), 'x' FROM generate_series(1, 5000) i", "source");
        using var second = CdcProcess.Start("run", file, "--until-caught-up");
        await second.EndsInOrderAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(13_000, await server.QueryAsync<long>("SELECT count(*) FROM shop.plain", "target"));
    }

    [Fact]
    public async Task Full_load_ends_each_time_and_is_read_again_on_request()
    {
        await using var server = await Shop.StartAsync();
        using var folder = new TemporaryFolder();
        var file = await Shop.WriteConfigurationAsync(server, folder.Path, rowsPerSecond: 100_000);
        using (var refused = CdcProcess.Start("run", file, "--reload"))
            Assert.Equal(2, await refused.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        await File.WriteAllTextAsync(file,
            (await File.ReadAllTextAsync(file)).Replace("snapshot: {", "snapshot: { mode: only,", StringComparison.Ordinal));
        var before = await LoadAsync();
        await server.ExecuteAsync(
            "DELETE FROM shop.plain WHERE id % 3 = 0; UPDATE shop.plain SET note = 'changed' WHERE id % 3 = 1; INSERT INTO shop.plain " +
            "SELECT -i, -i, 0, 1, now(), 'x' FROM generate_series(1, 500) i", "source");

        Assert.Equal(before, await LoadAsync());
        Assert.NotEqual(before, await LoadAsync("--reload"));
        Assert.True(await server.QueryAsync<string>(Shop.Digest("plain"), "target")
            == await server.QueryAsync<string>(Shop.Digest("plain"), "source"), "the tables differ");

        async Task<string> LoadAsync(params string[] more)
        {
            using var load = CdcProcess.Start(["run", file, "--until-caught-up", .. more]);
            await load.EndsInOrderAsync(TimeSpan.FromSeconds(120));
            Assert.Contains("nothing is left to do", load.Output, StringComparison.Ordinal);
            Assert.Equal(0, await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots"));
            return await server.QueryAsync<string>(Shop.Digest("plain"), "target");
        }
    }

    [Fact]
    public async Task Second_process_on_one_log_is_refused_and_the_first_ends_in_order_when_asked()
    {
        await using var server = await Shop.StartAsync();
        using var folder = new TemporaryFolder();
        var file = await Shop.WriteConfigurationAsync(server, folder.Path);
        using var first = CdcProcess.Start("run", file);
        await Eventually.HoldsAsync("the slot streams", async () =>
        {
            first.ThrowIfExited();
            return await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE active") == 1;
        });

        using var second = CdcProcess.Start("run", file);
        Assert.Equal(3, await second.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("CDC-3002", second.Output, StringComparison.Ordinal);
        Assert.Equal(0, await first.StopAsync());
    }

    [Fact]
    public async Task Capture_waits_for_a_slot_that_another_process_has_and_says_so()
    {
        await using var server = await Shop.StartAsync();
        using var one = new TemporaryFolder();
        using var other = new TemporaryFolder();
        using var first = CdcProcess.Start("run", await Shop.WriteConfigurationAsync(server, one.Path));
        await Eventually.HoldsAsync("the slot streams", async () =>
        {
            first.ThrowIfExited();
            return await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE active") == 1;
        });

        var file = await Shop.WriteConfigurationAsync(server, other.Path);
        await File.WriteAllTextAsync(file,
            (await File.ReadAllTextAsync(file)).Replace("warehouse:", "elsewhere:", StringComparison.Ordinal));
        using var second = CdcProcess.Start("run", file);

        await Eventually.HoldsAsync("the second one says that it waits", () =>
        {
            second.ThrowIfExited();
            return second.Output.Contains("waits: ", StringComparison.Ordinal);
        });
        first.ThrowIfExited();
    }
}
