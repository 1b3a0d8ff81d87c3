using System.Globalization;
using Cdc.Testing;

namespace Cdc.Integration.Tests;

public sealed class ServersStart
{
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Server_is_of_its_version_and_replicates_logically(int major)
    {
        await using var server = await PostgresServer.StartAsync(major);

        Assert.Equal(major, await server.QueryAsync<int>("SELECT current_setting('server_version_num')::int / 10000"));
        Assert.Equal("logical", await server.QueryAsync<string>("SHOW wal_level"));
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('probe', 'pgoutput')");
        Assert.Equal("reserved", await server.QueryAsync<string>("SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'probe'"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Server_keeps_its_rows_and_slots_over_a_crash(int major)
    {
        await using var server = await PostgresServer.StartAsync(major);
        await server.ExecuteAsync("CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1), (2)");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('probe', 'pgoutput')");

        await server.StopAsync("immediate");
        await server.StartAgainAsync();

        Assert.Equal(2L, await server.QueryAsync<long>("SELECT count(*) FROM kept"));
        Assert.Equal(1L, await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Each_server_has_a_system_identifier_of_its_own(int major)
    {
        const string identity = "SELECT system_identifier::text FROM pg_control_system()";
        await using var first = await PostgresServer.StartAsync(major);
        await using var second = await PostgresServer.StartAsync(major);
        await using var third = await PostgresServer.StartAsync(major);

        string[] identities =
        [
            await first.QueryAsync<string>(identity), await second.QueryAsync<string>(identity), await third.QueryAsync<string>(identity),
        ];

        Assert.Equal(3, identities.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Settings_are_taken_and_a_wrong_one_is_told_with_the_servers_words()
    {
        await using var server = await PostgresServer.StartAsync(15, "max_slot_wal_keep_size = 64MB");
        Assert.Equal("64MB", await server.QueryAsync<string>("SHOW max_slot_wal_keep_size"));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => PostgresServer.StartAsync(15, "no_such_setting = 1"));
        Assert.Contains("no_such_setting", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_server_after_its_test()
    {
        var server = await PostgresServer.StartAsync();
        Assert.True(IsRunning(server));

        await server.DisposeAsync();

        Assert.False(IsRunning(server));
        Assert.False(Directory.Exists(server.Folder));
    }

    /// <summary>Whether a process names the server's folder; its port may be another server's by now.</summary>
    private static bool IsRunning(PostgresServer server) => Directory.EnumerateDirectories("/proc").Any(process =>
        int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && CommandOf(process).Contains(server.Folder, StringComparison.Ordinal));

    private static string CommandOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return ""; // It has just ended.
        }
    }
}
