using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Types;

/// <summary>hstore into a target that has the extension: it is hstore there again, in whatever schema.</summary>
public sealed class HstoreTests
{
    private const string Rows = "SELECT string_agg(concat_ws('|', id, tags::text, note), ';' ORDER BY id) FROM public.tagged";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Pairs_arrive_as_pairs_read_and_streamed(int major)
    {
        await using var server = await StartAsync(major);
        await server.ExecuteAsync("CREATE SCHEMA \"Some where\"; CREATE EXTENSION hstore SCHEMA \"Some where\"", "target");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Rows);
        Assert.Equal("\"Some where\".hstore", await TypeAsync(server, "tagged", "tags"));

        await server.ExecuteAsync("""
            INSERT INTO tagged SELECT id + 1000, tags, 'streamed', big FROM tagged;
            UPDATE tagged SET tags = tags || 'new=>"1 \"2\" \\3"' WHERE id % 2 = 0;
            UPDATE tagged SET note = 'touched' WHERE id % 3 = 0;
            UPDATE tagged SET tags = NULL WHERE id = 3;
            ALTER TABLE tagged ADD COLUMN more hstore; UPDATE tagged SET more = 'k=>NULL' WHERE id = 4;
            INSERT INTO keyed VALUES ('x=>1', 'one'); UPDATE keyed SET note = 'two' WHERE note = 'one'; INSERT INTO whole VALUES ('y=>2', 'a'), ('z=>3', 'b'); DELETE FROM whole WHERE note = 'a'
            """, "source");
        await pipeline.UntilEqualAsync(server, Rows);
        await pipeline.UntilEqualAsync(server, "SELECT more::text FROM public.tagged WHERE id = 4");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(note, ',') FROM public.keyed");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(tags::text || note, ',') FROM public.whole");
        Assert.Equal("\"Some where\".hstore", await TypeAsync(server, "tagged", "more"));
        Assert.Equal("\"Some where\".hstore", await TypeAsync(server, "whole", "tags"));
        Assert.Equal("jsonb", await TypeAsync(server, "keyed", "tags"));
        Assert.Empty(pipeline.Sink.Progress.Topics.Select(pipeline.Sink.Progress.TroubleOf).OfType<CdcException>());
    }

    /// <summary>The table was made while the target had no extension: its column stays what it is, and may be altered.</summary>
    [Fact]
    public async Task Column_that_is_jsonb_stays_so_until_somebody_alters_it()
    {
        await using var server = await StartAsync(18);
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"]))
            await first.UntilEqualAsync(server, "SELECT count(*)::text FROM public.tagged");
        await server.ExecuteAsync("CREATE EXTENSION hstore", "target");
        await server.ExecuteAsync("UPDATE tagged SET tags = 'later=>1' WHERE id = 5", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await Eventually.HoldsAsync("the change is there", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return await server.QueryAsync<string>("SELECT tags::text FROM public.tagged WHERE id = 5", "target") == """{"later": "1"}""";
        }, TimeSpan.FromSeconds(60), Token);
        Assert.Equal("jsonb", await TypeAsync(server, "tagged", "tags"));

        await server.ExecuteAsync("""
            CREATE FUNCTION pairs(jsonb) RETURNS hstore IMMUTABLE LANGUAGE sql AS
            $$ SELECT CASE WHEN $1 IS NULL THEN NULL ELSE coalesce((SELECT hstore(array_agg(key), array_agg(value)) FROM jsonb_each_text($1)), '') END $$;
            ALTER TABLE tagged ALTER COLUMN tags TYPE hstore USING pairs(tags)
            """, "target");
        await server.ExecuteAsync("UPDATE tagged SET tags = tags || 'again=>2' WHERE id % 2 = 1", "source");
        await pipeline.UntilEqualAsync(server, Rows);
    }

    private static Task<string> TypeAsync(PostgresServer server, string table, string column) => server.QueryAsync<string>(
        $"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'public.{table}'::regclass AND attname = '{column}'",
        "target");

    /// <summary>Quotes, backslashes, nulls, controls, other scripts; a long one that an update leaves out.</summary>
    private static async Task<PostgresServer> StartAsync(int major)
    {
        var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("""
            CREATE EXTENSION hstore;
            CREATE TABLE tagged (id int PRIMARY KEY, tags hstore, note text, big text);
            ALTER TABLE tagged ALTER COLUMN tags SET STORAGE EXTERNAL;
            INSERT INTO tagged
            SELECT i, CASE i % 12 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN hstore('long', repeat(md5(i::text), 300))
                ELSE hstore(ARRAY['k' || i, 'NULL', E'q"\\', E't\tn\nx\x01', 'ключ', '', '=>,'], ARRAY[E'v"\\''' || i, NULL, 'NULL', '', E'значение 😀', 'null', ' ']) END, 'row ' || i, NULL
            FROM generate_series(1, 60) i;
            CREATE TABLE keyed (tags hstore PRIMARY KEY, note text);
            CREATE TABLE whole (tags hstore, note text); ALTER TABLE whole REPLICA IDENTITY FULL
            """, "source");
        return server;
    }
}
