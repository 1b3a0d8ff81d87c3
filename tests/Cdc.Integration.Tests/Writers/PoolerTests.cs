using Cdc.Contracts.Checks;
using Cdc.Integration.Tests.Rereading;
using Cdc.Sink;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Writers;

/// <summary>
/// Targets behind a transaction pooler: the server's process changes from transaction to transaction, and other clients get the same ones.
/// </summary>
public sealed class PoolerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariants 1 and 3
    [Fact]
    public async Task Two_sinks_behind_a_pooler_each_get_their_own_rows_and_leave_nothing_behind()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY, note text); CREATE TABLE b (id int PRIMARY KEY, other int)",
            "source");
        await using var pooler = await PgBouncer.StartAsync(server);
        using var folder = new TemporaryFolder();
        await using var bench = new RereadBench(server, folder.Path);
        var target = bench.Target("target") with { Port = pooler.Port };
        foreach (var name in (string[])["one", "two"])
        {
            var options = new SinkOptions
            {
                Name = name, Postgres = target, Target = new TargetOptions { Schema = name }, Batch = new BatchOptions { Rows = 7 },
            };
            bench.Start(options, () => new PostgresTableWriter(target, TimeProvider.System));
        }

        await bench.CaptureAsync("""
            INSERT INTO a SELECT i, 'row ' || i FROM generate_series(1, 900) i; INSERT INTO b SELECT i, -i FROM generate_series(1, 900) i;
            UPDATE a SET note = 'new' WHERE id % 3 = 0; DELETE FROM b WHERE id % 5 = 0; UPDATE b SET id = id + 10000 WHERE id < 100
            """);
        await bench.UntilAppliedAsync();

        foreach (var question in (string[])
        [
            "SELECT md5(string_agg(id || note, ',' ORDER BY id)) FROM {0}.a",
            "SELECT md5(string_agg(id || '|' || other, ',' ORDER BY id)) FROM {0}.b",
        ])
        {
            var expected = await server.QueryAsync<string>(string.Format(null, question, "public"), "source");
            Assert.Equal(expected, await server.QueryAsync<string>(string.Format(null, question, "one"), "target"));
            Assert.Equal(expected, await server.QueryAsync<string>(string.Format(null, question, "two"), "target"));
        }

        var backends = new HashSet<int>();
        for (var i = 0; i < 4; i++)
        {
            await using var client = new NpgsqlConnection(server.ConnectionString("target")
                .Replace($"Port={server.Port}", $"Port={pooler.Port}", StringComparison.Ordinal));
            await client.OpenAsync(Token);
            await using var asked = new NpgsqlCommand(
                "SELECT pg_backend_pid(), current_setting('enable_seqscan'), (SELECT count(*) FROM pg_class WHERE relpersistence = 't')",
                client);
            await using var answer = await asked.ExecuteReaderAsync(Token);
            await answer.ReadAsync(Token);
            backends.Add(answer.GetInt32(0));
            Assert.Equal("on", answer.GetString(1));
            Assert.Equal(0, answer.GetInt64(2));
        }

        Assert.Equal(2, backends.Count);
    }

    [Fact]
    public async Task Check_tells_of_a_pooler()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await using var pooler = await PgBouncer.StartAsync(server);
        var target = new PostgresTargetOptions
        {
            Host = PostgresServer.Host, Port = server.Port, Database = "target", User = PostgresServer.User,
        };

        Assert.DoesNotContain(
            (await PostgresTargetCheck.RunAsync(target, [], MetadataColumns.Default, Token)).Findings,
            finding => finding.Subject == "pooler");
        var found = Assert.Single(
            (await PostgresTargetCheck.RunAsync(target with { Port = pooler.Port }, [], MetadataColumns.Default, Token)).Findings,
            finding => finding.Subject == "pooler");
        Assert.Equal(FindingLevel.Warning, found.Level);
    }

    /// <summary>Temporary tables keep the database's oldest transaction number for as long as they live.</summary>
    [Fact]
    public async Task Session_is_left_after_an_hour_and_never_within_a_transaction()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        var clock = new SteppedClock();
        var target = new PostgresTargetOptions
        {
            Host = PostgresServer.Host, Port = server.Port, Database = "target", User = PostgresServer.User,
        };
        await using var writer = new PostgresTableWriter(target, clock);
        Task<string> SessionsAsync() =>
            server.QueryAsync<string>(
                "SELECT coalesce(string_agg(pid::text, ','), '') FROM pg_stat_activity WHERE application_name = 'cdc sink'");

        await using (var first = await writer.BeginAsync(Token))
            await first.CommitAsync(Token);
        var before = await SessionsAsync();
        clock.Advance(TimeSpan.FromMinutes(59));
        await using (var second = await writer.BeginAsync(Token))
        {
            clock.Advance(TimeSpan.FromMinutes(2));
            Assert.Null(await second.DescribeAsync(new TargetName("public", "none"), Token));
            await second.CommitAsync(Token);
        }

        Assert.Equal(before, await SessionsAsync());
        await using (var third = await writer.BeginAsync(Token))
            await third.CommitAsync(Token);
        await Eventually.HoldsAsync("another session is there alone", async () => await SessionsAsync() is var now && now.Length > 0
            && !now.Contains(before, StringComparison.Ordinal));
    }
}
