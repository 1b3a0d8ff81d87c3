using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>What a DBA set for a role, or for the whole server, meets capture's sessions too.</summary>
public sealed class SourceDefaultsTests
{
    private const string Rows = "SELECT count(*)::text FROM public.t";

    [Theory]
    [InlineData(15, "")]
    [InlineData(18, "transaction_timeout = '2s'")]
    public async Task Limits_of_the_role_do_not_reach_its_sessions(int major, string later)
    {
        await using var server = await StallTests.StartAsync(major);
        string[] limits =
        [
            "idle_session_timeout = '2s'", "idle_in_transaction_session_timeout = '1s'", "statement_timeout = '1s'", "lock_timeout = '1s'",
            "default_transaction_read_only = on", "default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on",
            "row_security = on", "synchronous_commit = 'remote_apply'", .. later.Length > 0 ? (string[])[later] : [],
        ];
        await server.ExecuteAsync($"""
            CREATE ROLE limited LOGIN REPLICATION;
            GRANT CREATE ON DATABASE source TO limited;
            ALTER TABLE t OWNER TO limited;
            {string.Join('\n', limits.Select(limit => $"ALTER ROLE limited SET {limit};"))}
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], options => options with
        {
            Postgres = options.Postgres with { User = "limited", Heartbeat = TimeSpan.FromSeconds(4) },
        });
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO t SELECT generate_series(1, 1000)", "source");
        await pipeline.UntilEqualAsync(server, Rows);
        var sender = await StallTests.SenderAsync(server);

        await StallTests.UntilOldAsync(server, sender, 15);
        await server.ExecuteAsync("INSERT INTO t VALUES (0)", "source");
        await pipeline.UntilEqualAsync(server, Rows);

        Assert.Equal(sender, await StallTests.SenderAsync(server));
        Assert.Empty(pipeline.Capture.Progress.Errors);
        Assert.NotNull(pipeline.Capture.Progress.HeartbeatAt);
    }

    /// <summary>
    /// A commit used to wait for the next status of capture, seconds away; now all of these take less than a few would have taken.
    /// </summary>
    [Fact]
    public async Task Commits_that_wait_for_capture_continue_once_they_are_durable_here()
    {
        await using var server = await StallTests.StartAsync(15);
        await using var target = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], targetServer: target);
        await pipeline.UntilStreamingAsync();
        await server.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.HoldsAsync("commits wait for capture",
            () => server.QueryAsync<bool>("SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'"));

        await using (var session = await server.ConnectAsync("source"))
        {
            for (var id = 1; id <= 60; id++)
            {
                await using var insert = new NpgsqlCommand($"INSERT INTO t VALUES ({id})", session) { CommandTimeout = 120 };
                await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken)
                    .WaitAsync(TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken);
            }

            await using var waits = new NpgsqlCommand(
                "SELECT extract(epoch FROM clock_timestamp() - backend_start)::int FROM pg_stat_activity WHERE pid = pg_backend_pid()",
                session);
            var seconds = (int)(await waits.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            Assert.True(seconds < 120, $"60 commits took {seconds} s");
        }

        await pipeline.UntilEqualAsync(server, Rows);
    }
}
