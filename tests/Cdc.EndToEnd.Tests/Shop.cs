using Cdc.Testing;

namespace Cdc.EndToEnd.Tests;

/// <summary>
/// The source of a campaign: tables of every shape, whose rows carry a number of their own (<c>uid</c>) that never changes and a
/// <c>version</c> that each change raises by one, so that a lost, repeated or reordered change shows in the log by itself.
/// </summary>
internal static class Shop
{
    /// <summary>Plain tables beside the special ones; every third sends whole old rows, every third the columns of an index.</summary>
    private static readonly string[] Many = [.. Enumerable.Range(0, 12).Select(i => $"many_{i:00}")];

    public static readonly string[] Tables = ["plain", "documents", "moving", "wide", "ranged", "composite", "growing", "loose", .. Many];

    /// <summary>
    /// What the table <c>growing</c> goes through in a campaign: a column that old rows lack, one that they have, one made again, one
    /// renamed.
    /// </summary>
    private static readonly string[] Changes =
    [
        "ADD COLUMN extra_0 text",
        "ADD COLUMN extra_1 text DEFAULT 'in all rows'",
        "DROP COLUMN extra_0; ALTER TABLE shop.growing ADD COLUMN extra_0 text",
        "RENAME COLUMN extra_1 TO extra_2",
    ];

    private const string Extras = "extra_0, extra_2";

    /// <summary>How often the table <c>growing</c> changes its columns in a campaign.</summary>
    public static int Growths => Changes.Length;

    /// <summary>The table's shape, by which statements on it are chosen.</summary>
    public static string ShapeOf(string table) => table.Split('_')[0];

    /// <summary>How a table's rows are compared: everything but columns that the target adds.</summary>
    public static string Digest(string table) =>
        $"SELECT count(*) || ' ' || coalesce(md5(string_agg(row, E'\\n' ORDER BY row)), '') FROM (SELECT {Columns(table)}::text AS row " +
        $"FROM shop.{table}) rows";

    /// <summary>A table's rows as one text each, in words that PostgreSQL and DuckDB print alike.</summary>
    public static string Lines(string table) => $"SELECT concat_ws('|', uid, version, {Values(table)}) FROM shop.{table} ORDER BY uid";

    /// <summary>A server with the shop as its source, and an empty target.</summary>
    public static async Task<PostgresServer> StartAsync(int major = 15)
    {
        var server = await PostgresServer.StartWithDatabasesAsync(major);
        var wide = string.Join(", ", Enumerable.Range(0, 97)
            .Select(i => $"c{i} {(i % 3 == 0 ? "int" : i % 3 == 1 ? "text" : "numeric(12,3)")}"));
        await server.ExecuteAsync($"""
            CREATE SCHEMA shop;
            CREATE SEQUENCE shop.uids;
            CREATE TABLE shop.plain (id bigint PRIMARY KEY, uid bigint, version int, price numeric(12,2), at timestamptz, note text);
            CREATE TABLE shop.documents (id bigint PRIMARY KEY, uid bigint, version int, title text, body text);
            ALTER TABLE shop.documents ALTER body SET STORAGE EXTERNAL;
            CREATE TABLE shop.moving (id bigint PRIMARY KEY, uid bigint, version int, body text);
            CREATE TABLE shop.wide (id bigint PRIMARY KEY, uid bigint, version int, {wide});
            CREATE TABLE shop.ranged (id bigint, uid bigint, version int, day date, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
            CREATE TABLE shop.ranged_1 PARTITION OF shop.ranged FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            CREATE TABLE shop.ranged_2 PARTITION OF shop.ranged DEFAULT;
            CREATE TABLE shop.growing (id bigint PRIMARY KEY, uid bigint, version int, note text);
            {string.Join('\n', Many.Select(CreateMany))}
            CREATE TABLE shop.composite (region text, code uuid, uid bigint, version int, tags text[], extra jsonb, PRIMARY KEY (region, code));
            CREATE TABLE shop.loose (uid bigint, version int, note text, weight float8);
            ALTER TABLE shop.loose REPLICA IDENTITY FULL;
            """, "source");
        await FillAsync(server);
        return server;
    }

    /// <summary>Changes the columns of the table that grows, and then some of its rows.</summary>
    public static Task GrowAsync(PostgresServer server, int number) => server.ExecuteAsync($"""
        ALTER TABLE shop.growing {Changes[number]};
        UPDATE shop.growing SET {(number % 2 == 0 ? "extra_0" : "note")} = '{number} of ' || uid, version = version + 1 WHERE uid % {(number == 0 ? 100 : 200)} = 98
        """, "source");

    /// <summary>One transaction of so many rows.</summary>
    public static Task BulkAsync(PostgresServer server, long rows) => server.ExecuteAsync(
        "INSERT INTO shop.plain SELECT u, u, 0, 1.5, now(), 'bulk' FROM (SELECT nextval('shop.uids') * 100 + 97 AS u " +
        $"FROM generate_series(1, {rows}) i) n", "source");

    private static string CreateMany(string table, int number) =>
        $"CREATE TABLE shop.{table} (id bigint PRIMARY KEY, uid bigint NOT NULL, version int, amount numeric(10,2), note text); "
        + (number % 3) switch
        {
            0 => "",
            1 => $"ALTER TABLE shop.{table} REPLICA IDENTITY FULL;",
            _ => $"CREATE UNIQUE INDEX {table}_uid ON shop.{table} (uid); ALTER TABLE shop.{table} REPLICA IDENTITY USING " +
                $"INDEX {table}_uid;",
        };

    /// <summary>Rows that were there before capture; their snapshot takes a while, so that kills fall into it.</summary>
    private static Task FillAsync(PostgresServer server) => server.ExecuteAsync(string.Join('\n', Many.Select(table =>
        $"INSERT INTO shop.{table} SELECT u, u, 0, 1.5, 'before' FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u " +
        "FROM generate_series(1, 20) i) n;")) + """
        INSERT INTO shop.plain SELECT u, u, 0, u / 100.0, now(), 'before' FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u FROM generate_series(1, 8000) i) n;
        INSERT INTO shop.documents SELECT u, u, 0, 'title', repeat(md5(u::text), 200) FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u FROM generate_series(1, 3000) i) n;
        INSERT INTO shop.moving SELECT u, u, 0, md5(u::text) FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u FROM generate_series(1, 4000) i) n;
        INSERT INTO shop.wide (id, uid, version, c0, c1, c2) SELECT u, u, 0, 7, 'w', 1.5 FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u FROM generate_series(1, 2000) i) n;
        INSERT INTO shop.ranged SELECT u, u, 0, date '2020-06-01' + (u % 700)::int, 'r' FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u FROM generate_series(1, 3000) i) n;
        INSERT INTO shop.loose SELECT u, 0, NULL, 'NaN' FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u FROM generate_series(1, 3000) i) n;
        INSERT INTO shop.composite SELECT 'r' || u % 7, gen_random_uuid(), u, 0, ARRAY['a'], '{}' FROM (SELECT nextval('shop.uids') * 100 + i % 4 AS u FROM generate_series(1, 3000) i) n;
        INSERT INTO shop.growing SELECT u, u, 0, 'g' FROM (SELECT nextval('shop.uids') * 100 + 98 AS u FROM generate_series(1, 50) i) n;
        """, "source");

    /// <summary>The file that mirrors the shop into the database <c>target</c> of the same server; the log lies beside it.</summary>
    /// <param name="rowsPerSecond">How fast tables are read: slow enough that kills fall into it.</param>
    public static async Task<string> WriteConfigurationAsync(PostgresServer server, string folder, int rowsPerSecond = 2000)
    {
        var file = Path.Combine(folder, "shop.yaml");
        await File.WriteAllTextAsync(file, $$"""
            name: kills
            log:
              embedded: { path: {{folder}}/log }
            sources:
              shop:
                postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: source, user: {{PostgresServer.User}}, create: true }
                tables: [ "shop.*" ]
                snapshot: { chunk: 64KB, rowsPerSecond: {{rowsPerSecond}} }
            sinks:
              warehouse:
                postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: target, user: {{PostgresServer.User}} }
              lake:
                duckdb: { path: {{folder}}/lake.duckdb, closedTime: 0s }
            http: { port: 0 }
            """);
        return file;
    }

    private static string Values(string table) => ShapeOf(table) switch
    {
        "plain" => "id, price, note",
        "documents" => "id, title, md5(body), length(body)",
        "moving" => "id, body",
        "wide" => "id, c0, c1, c2, c50, c96",
        "ranged" => "id, day, note",
        "loose" => "note",
        "growing" => $"id, note, {Extras}",
        "many" => "id, amount, note",
        _ => "region, code, extra, array_to_string(tags, ',')",
    };

    private static string Columns(string table) => ShapeOf(table) switch
    {
        "plain" => "(id, uid, version, price, at, note)",
        "documents" => "(id, uid, version, title, md5(body), length(body))",
        "moving" => "(id, uid, version, body)",
        "wide" => "(id, uid, version, c0, c1, c2, c50, c96)",
        "ranged" => "(id, uid, version, day, note)",
        "loose" => "(uid, version, note, weight)",
        "growing" => $"(id, uid, version, note, {Extras})",
        "many" => "(id, uid, version, amount, note)",
        "composite" => "(region, code, uid, version, tags, extra)",
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "Not a table of the shop."),
    };
}
