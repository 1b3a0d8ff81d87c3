using Cdc.Capture.Tables;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>
/// A row whose key changes is read again by its new key, whatever its type: a long value that did not change is not streamed with it.
/// </summary>
public sealed class KeyTypesTests
{
    private const string Types = """
        CREATE EXTENSION ltree; CREATE EXTENSION citext;
        CREATE SCHEMA own;
        CREATE EXTENSION isn SCHEMA own;
        CREATE TYPE own.pair AS (n int, "a b" text);
        CREATE DOMAIN own.code AS varchar(12) CHECK (value <> 'never');
        CREATE DOMAIN own.path AS public.ltree;
        CREATE TYPE own.mood AS ENUM ('sad', 'it''s ok');
        CREATE COLLATION own.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)
        """;

    private const string ByIndex = """"
        CREATE TABLE "By ""index""" (id int PRIMARY KEY, "a k" text NOT NULL, body text);
        ALTER TABLE "By ""index""" ALTER body SET STORAGE EXTERNAL;
        CREATE UNIQUE INDEX other ON "By ""index""" ("a k" COLLATE own.loose) INCLUDE (id);
        ALTER TABLE "By ""index""" REPLICA IDENTITY USING INDEX other;
        INSERT INTO "By ""index""" VALUES (1, 'Old', repeat('long', 5000))
        """";

    /// <summary>By table: the key's type, the old key and the new one.</summary>
    private static readonly IReadOnlyList<(string Type, string Old, string New)> Keys =
    [
        ("public.ltree", "'Top.Science'", "'Top.Other'"),
        ("public.citext", "'Old'", "'New one'"),
        ("own.pair", "(1, 'x, \"y\"')::own.pair", "(2, E'it''s \\\\ ')::own.pair"),
        ("own.code", "'old'", "'new'"),
        ("own.path", "'a.b'", "'a.c'"),
        ("own.mood", "'sad'", "'it''s ok'"),
        ("own.isbn13", "'978-0-393-04002-9'", "'978-0-345-45789-9'"),
        ("numeric", "1.50", "12345678901234567890.0100"),
        ("numeric(10, 2)", "1.50", "'NaN'"),
        ("timestamptz", "'2024-01-01 00:00+05'", "'infinity'"),
        ("timestamp(3)", "'2024-01-01'", "'2023-02-28 12:34:56.789 BC'"),
        ("interval", "'1 month'", "'1 year 2 mons -3 days 04:05:06.789'"),
        ("name", "'old'", "'new'"),
        ("char(8)", "'old'", "'new'"),
        ("\"char\"", "'o'", "'n'"),
        ("varchar(8)", "'old'", "'new'"),
        ("float8", "0.1", "1e-300"),
        ("float4", "0.1", "'-Infinity'"),
        ("bytea", "'\\x00ff'", "'\\xff00ab'"),
        ("uuid", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
        ("bool", "false", "true"),
        ("money", "1.5", "-1234.5"),
        ("bit(3)", "'001'", "'110'"),
        ("inet", "'::1'", "'10.0.0.1/8'"),
        ("int4range", "'[1,3)'", "'[5,)'"),
        ("int[]", "'{1}'", "'{{1,2},{3,NULL}}'"),
        ("text[]", "'{a}'", "'{\"b, c\",\"\"}'"),
        ("jsonb", "'1'", "'{\"a\": [1, 2]}'"),
        ("text", "'old'", "E'tab\\t, line\\n, \\\\ and '' and \"'"),
        ("text COLLATE own.loose", "'Old'", "'NEW'"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Long_value_follows_its_row_to_another_key(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Types, "source");
        for (var i = 0; i < Keys.Count; i++)
            await server.ExecuteAsync(Create($"t{i}", $"k {Keys[i].Type}", "k", $"{Keys[i].Old}"), "source");
        await server.ExecuteAsync(Create("pair", "k public.ltree, n numeric, c public.citext", "n, k, c", "'a.b', 1.0, 'Old'"), "source");
        await server.ExecuteAsync(ByIndex, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await Eventually.HoldsAsync("all are read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            Assert.All(pipeline.Capture.Progress.Tables.Values, table => Assert.Null(table.Trouble));
            return pipeline.Capture.Progress.Reads.Values.Count(table => table.State == TableState.Complete) == Keys.Count + 2;
        }, TimeSpan.FromSeconds(120), Token);

        for (var i = 0; i < Keys.Count; i++)
            await server.ExecuteAsync($"UPDATE t{i} SET k = {Keys[i].New}", "source");
        await server.ExecuteAsync("UPDATE pair SET k = 'a.c', n = 2.50, c = 'New'", "source");
        await server.ExecuteAsync("UPDATE \"By \"\"index\"\"\" SET \"a k\" = 'NEW'", "source");

        for (var i = 0; i < Keys.Count; i++)
        {
            await UntilWholeAsync(pipeline, server, $"SELECT count(*) || max(md5(body)) FROM public.t{i}", Keys[i].Type);
            Assert.Equal(1, await server.QueryAsync<long>($"SELECT count(*) FROM public.t{i}", "target"));
        }

        await UntilWholeAsync(pipeline, server, "SELECT concat_ws('|', k, n, c, md5(body)) FROM public.pair", "pair");
        await UntilWholeAsync(pipeline, server, "SELECT concat_ws('|', id, \"a k\", md5(body)) FROM public.\"By \"\"index\"\"\"", "index");
    }

    /// <summary>A table is not read from end to end for one key.</summary>
    [Theory]
    [InlineData(15, "public.citext", "'Key ' || {0}")]
    [InlineData(18, "public.citext", "'Key ' || {0}")]
    [InlineData(15, "public.ltree", "('a.b' || {0})::public.ltree")]
    [InlineData(15, "numeric(12, 2)", "{0}")]
    [InlineData(15, "text COLLATE own.loose", "'Key ' || {0}")]
    [InlineData(15, "own.code", "'Key ' || {0}")]
    [InlineData(15, "own.pair", "({0}, 'x')::own.pair")]
    public async Task Key_is_looked_up_in_its_index(int major, string type, string value)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Types, "source");
        await server.ExecuteAsync(Create("big", $"id int, k {type}", "k", $"0, {string.Format(null, value, 0)}"), "source");
        await server.ExecuteAsync(
            $"INSERT INTO big SELECT i, {string.Format(null, value, "i")}, NULL FROM generate_series(1, 20000) i; ANALYZE big", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, "SELECT count(*) || max(md5(body)) FROM public.big");
        var scans = await ScansAsync(server);

        await server.ExecuteAsync($"UPDATE big SET k = {string.Format(null, value, 30000)} WHERE id = 0", "source");

        await Eventually.HoldsAsync("the key is looked up", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return await ScansAsync(server) > scans;
        }, TimeSpan.FromSeconds(60), Token);
        await pipeline.UntilEqualAsync(server, "SELECT count(*) || max(md5(body)) FROM public.big");
    }

    private static Task<long> ScansAsync(PostgresServer server) =>
        server.QueryAsync<long>("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'big_pkey'", "source");

    private static string Create(string table, string columns, string key, string values) => $"""
        CREATE TABLE {table} ({columns}, body text, PRIMARY KEY ({key}));
        ALTER TABLE {table} ALTER body SET STORAGE EXTERNAL;
        INSERT INTO {table} VALUES ({values}, repeat('long', 5000))
        """;

    private static async Task UntilWholeAsync(RunningPipeline pipeline, PostgresServer server, string question, string what)
    {
        try
        {
            await pipeline.UntilEqualAsync(server, question);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException(
                $"{what}: {string.Join(' ', pipeline.Capture.Progress.Tables.Values.Select(table => table.Reason))}", error);
        }
    }
}
