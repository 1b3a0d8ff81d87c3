using Cdc.Testing;

namespace Cdc.EndToEnd.Tests;

/// <summary>Tables whose names are of any script, and as long as they can be, reach both kinds of target under their own names.</summary>
public sealed class NamesTests
{
    private const string Column = "\"имя 🛒\"";

    private static readonly (string Schema, string Table)[] Tables =
    [
        ("public", "заказы"), ("public", "товары"), ("public", "注文"), ("public", "商品"), ("public", "café"), ("public", "cafä"),
        ("public", "a$b"), ("public", "a_b"),
        ("a.b", "c"), ("a", "b.c"), ("public", "🛒"), ("public", "🛍️ x"), ("public", "it's \"quoted\""), ("public", "caf_u00E9_"),
        ("public", new string('n', 63)), ("ж" + new string('я', 30), new string('ю', 31)), (new string('я', 31), "ж" + new string('ю', 30)),
    ];

    [Fact]
    public async Task Every_table_has_a_topic_of_its_own_and_arrives_under_its_name()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        foreach (var (schema, table) in Tables)
        {
            await server.ExecuteAsync($"""
                CREATE SCHEMA IF NOT EXISTS {Quoted(schema)};
                CREATE TABLE {Name(schema, table)} (id int PRIMARY KEY, {Column} text);
                INSERT INTO {Name(schema, table)} SELECT i, 'before' FROM generate_series(1, 3) i
                """, "source");
        }

        var file = await WriteConfigurationAsync(server, folder.Path);
        await RunAsync("check", file, "--output", "json");
        await RunAsync("run", file, "--until-caught-up");
        foreach (var (schema, table) in Tables)
            await server.ExecuteAsync(
                $"DELETE FROM {Name(schema, table)} WHERE id = 1; INSERT INTO {Name(schema, table)} VALUES (4, {Literal(table)})",
                "source");
        await RunAsync("run", file, "--until-caught-up");

        foreach (var (schema, table) in Tables)
        {
            var rows = $"SELECT concat_ws(' ', id, {Column}) FROM {Name(schema, table)} ORDER BY id";
            IReadOnlyList<string> expected = ["2 before", "3 before", "4 " + table];
            var all = $"SELECT string_agg(row, '|') FROM ({rows.Replace(") FROM", ") AS row FROM", StringComparison.Ordinal)}) r";
            Assert.Equal(string.Join('|', expected), await server.QueryAsync<string>(all, "target"));
            Assert.Equal(expected, Lake.Query(Path.Combine(folder.Path, "lake.duckdb"), rows));
        }
    }

    private static async Task RunAsync(params string[] arguments)
    {
        using var process = CdcProcess.Start(arguments);
        await process.EndsInOrderAsync(TimeSpan.FromSeconds(120));
    }

    private static async Task<string> WriteConfigurationAsync(PostgresServer server, string folder)
    {
        var file = Path.Combine(folder, "names.yaml");
        await File.WriteAllTextAsync(file, $$"""
            name: names
            log:
              embedded: { path: {{folder}}/log }
            sources:
              shop:
                postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: source, user: {{PostgresServer.User}}, create: true }
            sinks:
              warehouse:
                postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: target, user: {{PostgresServer.User}} }
              lake:
                duckdb: { path: {{folder}}/lake.duckdb, closedTime: 0s }
            http: { port: 0 }
            """);
        return file;
    }

    private static string Name(string schema, string table) => $"{Quoted(schema)}.{Quoted(table)}";

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
