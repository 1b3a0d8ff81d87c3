using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Troubles;

/// <summary>What was taken away from a capture that has streamed is waited for, and it continues by itself.</summary>
public sealed class SourceTroubleTests
{
    private const string Digest = "SELECT count(*) || md5(string_agg(concat_ws('|', id, note), ';' ORDER BY id)) FROM public.item";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ALTER ROLE streamer NOREPLICATION", "ALTER ROLE streamer REPLICATION", "INSERT INTO item VALUES (101, 'meanwhile')", 2012)]
    [InlineData("ALTER ROLE streamer NOLOGIN", "ALTER ROLE streamer LOGIN", "INSERT INTO item VALUES (101, 'meanwhile')", 2002)]
    [InlineData("ALTER PUBLICATION shop RENAME TO away", "ALTER PUBLICATION away RENAME TO shop",
        "SELECT pg_logical_emit_message(true, 'other', 'meanwhile')", 2011)]
    public async Task A_right_or_a_publication_that_is_taken_away_is_waited_for(string away, string back, string meanwhile, int code)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE ROLE streamer LOGIN REPLICATION; GRANT pg_monitor TO streamer; CREATE TABLE item (id int PRIMARY KEY, note text);
            INSERT INTO item SELECT i, 'before' FROM generate_series(1, 100) i; GRANT SELECT ON item TO streamer;
            CREATE PUBLICATION shop FOR TABLE item
            """, "source");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"],
            options => options with { Postgres = options.Postgres with { User = "streamer", Create = false } });
        await pipeline.UntilEqualAsync(server, Digest);

        await server.ExecuteAsync(away, "source");
        await server.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'streamer'", "source");
        await server.ExecuteAsync(meanwhile, "source");
        await Eventually.HoldsAsync("the source is waited for", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Waiting?.Code.Number == code;
        }, TimeSpan.FromSeconds(60), Token);
        Assert.Equal(ErrorResponse.StopRole, ErrorPolicy.For(pipeline.Capture.Progress.Waiting!.Kind));

        await server.ExecuteAsync(back, "source");
        await server.ExecuteAsync("INSERT INTO item VALUES (102, 'after')", "source");
        await pipeline.UntilEqualAsync(server, Digest);
    }
}
