using Cdc.Capture;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>
/// Servers before 16 continue under a table's former name after its schema was renamed, until something else of the table changes or the
/// session starts over: its changes reach the table of its name all the same, and are lost to none (Invariant 6).
/// </summary>
public sealed class RenamedSchemaTests
{
    private const string Slot = "SELECT pg_create_logical_replication_slot('shop', 'pgoutput')";

    private const string Streaming = "SELECT active_pid FROM pg_replication_slots";

    private const string Key = "ADD PRIMARY KEY (id)";

    private const string Bag = "REPLICA IDENTITY FULL";

    private static string Rows(string schema) =>
        $"SELECT count(*) || md5(string_agg(row, E'\\n' ORDER BY row)) FROM (SELECT (id, amount, note)::text AS row FROM {schema}.item) " +
        "rows";

    /// <summary>What the steps mean:
    /// <list type="bullet">
    /// <item>a letter writes into that schema's table (<c>z</c> is not selected);</item>
    /// <item><c>a&gt;b</c> renames a schema;</item>
    /// <item><c>+a</c> makes a schema with a table of the same name;</item>
    /// <item><c>look</c> has the catalog looked at;</item>
    /// <item><c>=</c> waits until all that is there is alike;</item>
    /// <item><c>crash</c> is one of the server, with capture's end;</item>
    /// <item><c>down</c> and <c>up</c> are of capture alone;</item>
    /// <item><c>bag</c>: no table has a key.</item>
    /// </list>
    /// </summary>
    [Theory]
    [InlineData(15, "a a>b b = b =")]
    [InlineData(18, "a a>b b = b =")]
    [InlineData(15, "a>b look = b =")]
    [InlineData(15, "a>b down b up =")]
    [InlineData(18, "a>b down b up =")]
    [InlineData(15, "a a>b b crash b =")]
    [InlineData(18, "a a>b b crash b =")]
    [InlineData(15, "down a a>b b crash b = b =")]
    [InlineData(18, "down a a>b b crash b = b =")]
    [InlineData(15, "a>b look = b = down b crash b =")]
    [InlineData(15, "a a>b look = down b crash b =")]
    [InlineData(18, "a a>b look = down b crash b =")]
    [InlineData(15, "a>b b b>a a =")]
    [InlineData(18, "a>b b b>a a =")]
    [InlineData(15, "a>b look = b b>a a =")]
    [InlineData(18, "a>b look = b b>a a =")]
    [InlineData(15, "a>b look = b>a look a = a =")]
    [InlineData(15, "a>b look = b b>a look a = down a crash a =")]
    [InlineData(15, "a>b +a a b = a b =")]
    [InlineData(18, "a>b +a a b = a b =")]
    [InlineData(15, "a>b look = b +a a b = down a b crash a b =")]
    [InlineData(15, "a>b +a look = a>c b>a c>b a b = a b =")]
    [InlineData(18, "a>b +a look = a>c b>a c>b a b = a b =")]
    [InlineData(15, "a>b +a look = a b = down a>c b>a c>b a b crash a b =")]
    [InlineData(15, "a a>z z look z z>a look a =")]
    [InlineData(15, "a a>z look z down z crash z z>a look a =")]
    [InlineData(15, "bag a a>b b = b b>a a look = a crash a =")]
    [InlineData(15, "bag a>b look = b +a a b = down a b crash a b =")]
    [InlineData(15, "bag a>b +a a b look = a b =")]
    public async Task Tables_of_both_names_are_as_in_the_source(int major, string steps)
    {
        var key = steps.StartsWith("bag ", StringComparison.Ordinal) ? Bag : Key;
        await using var server = await StartAsync(major, key);
        using var folder = new TemporaryFolder();
        var pipeline = Start(server, folder);
        try
        {
            await UntilEqualAsync(pipeline, server);
            foreach (var (i, step) in steps.Split(' ').Index())
                pipeline = await TakeAsync(step, i + 1, key, pipeline, server, folder);
        }
        finally
        {
            await pipeline.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Session_continues_when_a_schema_is_renamed(int major)
    {
        await using var server = await StartAsync(major);
        using var folder = new TemporaryFolder();
        await using var pipeline = Start(server, folder);
        await UntilEqualAsync(pipeline, server);
        var session = await server.QueryAsync<int>(Streaming, "source");

        await WriteAsync(server, "a", 1);
        await pipeline.UntilEqualAsync(server, Rows("a"));
        await server.ExecuteAsync("ALTER SCHEMA a RENAME TO b", "source");
        await LookAsync(pipeline, server, 2);
        await pipeline.UntilCompleteAsync("shop.b.item", after: "");
        var before = await server.QueryAsync<string>(Rows("a"), "target");
        await WriteAsync(server, "b", 3);
        await server.ExecuteAsync("TRUNCATE b.item", "source");
        await WriteAsync(server, "b", 4);

        await pipeline.UntilEqualAsync(server, Rows("b"));
        Assert.Equal(session, await server.QueryAsync<int>(Streaming, "source"));
        Assert.Equal(before, await server.QueryAsync<string>(Rows("a"), "target"));
    }

    /// <summary>The slot goes back to where it was noted last, and the stream begins with the name of that time.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Former_name_that_comes_again_behind_a_crash_is_not_taken_for_new_changes(int major)
    {
        await using var server = await StartAsync(major);
        using var folder = new TemporaryFolder();
        string read;
        await using (var first = Start(server, folder))
        {
            await UntilEqualAsync(first, server);
            await WriteAsync(server, "a", 1);
            await first.UntilEqualAsync(server, Rows("a"));
            await server.ExecuteAsync("ALTER SCHEMA a RENAME TO b", "source");
            await LookAsync(first, server, 2);
            read = (await first.UntilCompleteAsync("shop.b.item", after: "")).Id;
            await WriteAsync(server, "b", 3);
            await first.UntilEqualAsync(server, Rows("b"));
        }

        var before = await server.QueryAsync<string>(Rows("a"), "target");
        await server.StopAsync("immediate");
        await server.StartAgainAsync();
        await WriteAsync(server, "b", 4);

        await using var second = Start(server, folder);
        await second.UntilEqualAsync(server, Rows("b"));
        await LookAsync(second, server, 5);
        await WriteAsync(server, "b", 6);
        await second.UntilEqualAsync(server, Rows("b"));
        Assert.Equal(before, await server.QueryAsync<string>(Rows("a"), "target"));
        Assert.Equal(read, (await second.UntilCompleteAsync("shop.b.item", after: "")).Id); // Nothing had to be read again.
    }

    /// <summary>Answers with the pipeline that continues.</summary>
    private static async Task<RunningPipeline> TakeAsync(
        string step, int number, string key, RunningPipeline pipeline, PostgresServer server, TemporaryFolder folder)
    {
        switch (step)
        {
            case "bag":
                break;
            case "=":
                await UntilEqualAsync(pipeline, server);
                break;
            case "look":
                await LookAsync(pipeline, server, number);
                break;
            case "crash":
                await server.StopAsync("immediate");
                await pipeline.DisposeAsync();
                await server.StartAgainAsync();
                return Start(server, folder);
            case "down":
                await pipeline.DisposeAsync();
                break;
            case "up":
                return Start(server, folder);
            case ['+', var schema]:
                await server.ExecuteAsync(
                    $"CREATE SCHEMA {schema}; CREATE TABLE {schema}.item (id int, amount int, note text); ALTER TABLE {schema}.item {key}",
                    "source");
                break;
            case [var before, '>', var after]:
                await server.ExecuteAsync($"ALTER SCHEMA {before} RENAME TO {after}", "source");
                break;
            default:
                await WriteAsync(server, step, number);
                break;
        }

        return pipeline;
    }

    private static async Task<PostgresServer> StartAsync(int major, string key = Key)
    {
        // What it writes moves the slot that is noted.
        var server = await PostgresServer.StartWithDatabasesAsync(major, "bgwriter_delay=10000");
        await server.ExecuteAsync($"""
            CREATE SCHEMA a; CREATE TABLE a.item (id int, amount int, note text); ALTER TABLE a.item {key}; CREATE TABLE beside (id int PRIMARY KEY);
            CREATE PUBLICATION shop FOR ALL TABLES
            """, "source");
        await server.ExecuteAsync(Slot, "source");
        await server.ExecuteAsync("INSERT INTO a.item SELECT i, i, 'row ' || i FROM generate_series(1, 300) i", "source");
        return server;
    }

    private static RunningPipeline Start(PostgresServer server, TemporaryFolder folder) =>
        RunningPipeline.Start(server, folder.Path, ["a.*", "b.*", "c.*", "public.*"], ByHand);

    private static Task WriteAsync(PostgresServer server, string schema, int number) => server.ExecuteAsync(
        $"UPDATE {schema}.item SET amount = -amount WHERE id < {20 + number}; DELETE FROM {schema}.item WHERE id = {number}; INSERT " +
        $"INTO {schema}.item VALUES ({1000 + number}, {number}, '{schema}')", "source");

    /// <summary>A table that the stream names again has the catalog looked at, at once.</summary>
    private static async Task LookAsync(RunningPipeline pipeline, PostgresServer server, int number)
    {
        await server.ExecuteAsync($"ALTER TABLE beside ADD COLUMN c{number} int; INSERT INTO beside VALUES ({number}, {number})", "source");
        await pipeline.UntilEqualAsync(server, $"SELECT sum(c{number})::text FROM public.beside");
    }

    /// <summary>Of both names, as far as there is a table.</summary>
    private static async Task UntilEqualAsync(RunningPipeline pipeline, PostgresServer server)
    {
        foreach (var schema in new[] { "a", "b" })
        {
            if (await server.QueryAsync<bool>($"SELECT to_regclass('{schema}.item') IS NOT NULL", "source"))
                await pipeline.UntilEqualAsync(server, Rows(schema));
        }
    }

    /// <summary>Slot and publication are the DBA's.</summary>
    private static CaptureOptions ByHand(CaptureOptions options) => options with { Postgres = options.Postgres with { Create = false } };
}
