using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>Tables that have no rows, or no columns.</summary>
public sealed class EmptyTablesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>All that a consumer needs to make the table is there, though no record is.</summary>
    [Fact]
    public async Task Table_without_rows_has_its_topic_and_its_schemas()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE keyed (id int PRIMARY KEY, amount numeric(10, 2), note text);
            CREATE TABLE bag (a int, b text); ALTER TABLE bag REPLICA IDENTITY FULL;
            CREATE TABLE parts (id int PRIMARY KEY, day date) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts DEFAULT;
            CREATE TABLE partless (id int PRIMARY KEY, day date) PARTITION BY RANGE (id)
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        string[] tables = ["bag", "keyed", "partless", "parts"];
        foreach (var table in tables)
            await UntilReadAsync(pipeline, table);

        Assert.Equal(tables.Select(table => $"shop.public.{table}"),
            (await pipeline.Log.DescribeTopicsAsync(_ => true, Token)).Select(topic => topic.Topic).Order(StringComparer.Ordinal));
        var schemas = new List<string>();
        for (var id = 1; id <= 7; id++)
            schemas.Add(await pipeline.Registry.GetAsync(id, Token));
        Assert.All(tables, table => Assert.Single(schemas, schema => schema.Contains("\"Envelope\"", StringComparison.Ordinal)
            && schema.Contains($"shop.public.{table}", StringComparison.Ordinal)));
        Assert.All(tables.Skip(1), table => Assert.Single(schemas, schema => schema.Contains("\"Key\"", StringComparison.Ordinal)
            && schema.Contains($"shop.public.{table}", StringComparison.Ordinal)));
    }

    /// <summary>Who reads the target finds it empty, not missing; its key is there before its first row.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Table_without_rows_is_made_in_the_target(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(
            "CREATE TABLE keyed (id int PRIMARY KEY, amount numeric(10, 2), note text); CREATE TABLE bag (a int, b text); ALTER TABLE " +
            "bag REPLICA IDENTITY FULL", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);

        await Eventually.HoldsAsync("the tables are there", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return await server.QueryAsync<string>(Shapes, "target")
                == "bag: a integer, b text; keyed: id integer, amount numeric(10,2), note text (id)";
        }, TimeSpan.FromSeconds(60), Token);
        await server.ExecuteAsync("INSERT INTO keyed VALUES (1, 2.5, 'first'); UPDATE keyed SET id = 2", "source");

        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id || note, ',') FROM public.keyed");
    }

    private const string Shapes = """
        SELECT coalesce(string_agg(format('%s: %s%s', c.relname, columns.list, keys.list), '; ' ORDER BY c.relname), '')
        FROM pg_class c
        CROSS JOIN LATERAL (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS list
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attname NOT LIKE '\_cdc%') columns
        LEFT JOIN LATERAL (SELECT ' (' || pg_get_indexdef(i.indexrelid, 1, true) || ')' AS list FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) keys ON true
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        """;

    /// <summary>Its rows say nothing: it is left out with a code of its own, until it has a column.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Table_without_columns_is_left_out_and_ends_nothing(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("""
            CREATE TABLE fine (id int PRIMARY KEY); INSERT INTO fine VALUES (1);
            CREATE TABLE none (); INSERT INTO none DEFAULT VALUES;
            CREATE TABLE whole (); ALTER TABLE whole REPLICA IDENTITY FULL; INSERT INTO whole DEFAULT VALUES; INSERT INTO whole DEFAULT VALUES;
            CREATE TABLE bare (id int PRIMARY KEY, a int); INSERT INTO bare VALUES (1, 1); ALTER TABLE bare DROP id, DROP a;
            CREATE PUBLICATION shop FOR TABLE fine, none, whole, bare WITH (publish_via_partition_root = true)
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilLeftOutAsync(pipeline, "whole");
        await server.ExecuteAsync(
            "INSERT INTO fine VALUES (2); INSERT INTO none DEFAULT VALUES; INSERT INTO whole DEFAULT VALUES; " +
            "INSERT INTO bare DEFAULT VALUES; DELETE FROM whole; TRUNCATE none", "source");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.fine");
        foreach (var name in (string[])["none", "whole", "bare"])
            await UntilLeftOutAsync(pipeline, name);

        await server.ExecuteAsync("INSERT INTO whole DEFAULT VALUES; ALTER TABLE whole ADD a int DEFAULT 7; INSERT INTO whole VALUES (8)",
            "source");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(a::text, ',' ORDER BY a) FROM public.whole");
    }

    [Theory]
    [InlineData(15, "")]
    [InlineData(18, "ALTER TABLE item REPLICA IDENTITY FULL; ")]
    public async Task Columns_that_all_go_while_it_streams_end_nothing(int major, string identity)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(
            "CREATE TABLE fine (id int PRIMARY KEY); INSERT INTO fine VALUES (1); CREATE TABLE item (id int PRIMARY KEY, note text); " +
            "INSERT INTO item VALUES (1, 'one')", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilReadAsync(pipeline, "item");

        await server.ExecuteAsync($"{identity}ALTER TABLE item DROP id, DROP note; INSERT INTO item DEFAULT VALUES", "source");
        await UntilLeftOutAsync(pipeline, "item");
        await server.ExecuteAsync("INSERT INTO fine VALUES (2)", "source");

        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.fine");
    }

    private static Task UntilLeftOutAsync(
        RunningPipeline pipeline, string table) => Eventually.HoldsAsync($"'{table}' is left out", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Tables.GetValueOrDefault(new TableId("public", table))?.Trouble?.Error.Code
            == ErrorCodes.SourceColumnsMissing;
    }, TimeSpan.FromSeconds(60), Token);

    private static Task UntilReadAsync(RunningPipeline pipeline, string table) => Eventually.HoldsAsync($"'{table}' is read", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Reads.GetValueOrDefault(new TableId("public", table))?.State == TableState.Complete;
    }, TimeSpan.FromSeconds(60), Token);
}
