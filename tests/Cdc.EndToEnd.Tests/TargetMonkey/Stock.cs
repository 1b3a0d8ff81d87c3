using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>The tables of the source, of columns that both targets print alike.</summary>
internal static class Stock
{
    /// <summary>A schema of its own for deeds on schemas.</summary>
    public const string Yard = "yard";

    public const int YardTables = 3;

    private static readonly string[] KeyTypes = ["bigint", "integer", "text", "uuid", "numeric(18,0)"];

    /// <summary>
    /// Whether deeds on the DuckDB file have the table, and none on the warehouse: a re-read that one target wants mends the other too.
    /// </summary>
    public static bool IsOfLake(Victim table) =>
        table.Name is "keyed_11" or "keyed_12" or "keyed_13" or "keyed_14" or "keyed_15" or "composite_2" or "keyless_2";

    /// <summary>Makes the tables, with rows, and answers with their names.</summary>
    public static async Task<IReadOnlyList<Victim>> CreateAsync(PostgresServer server, string owner)
    {
        var tables = new List<Victim>();
        var statements =
            new List<string> { "CREATE SCHEMA monkey; CREATE SEQUENCE monkey.uids; CREATE SCHEMA shop; CREATE SCHEMA ops; CREATE " +
                $"SCHEMA {Yard};" };
        for (var i = 0; i < 16; i++)
            statements.Add(Keyed(Add(i % 2 == 0 ? "shop" : "ops", TableShapes.Number(i == 5 ? "Odd \"Name\"" : "keyed", i), Shape.Keyed),
                KeyTypes[i % KeyTypes.Length]));
        for (var i = 0; i < YardTables; i++)
            statements.Add(Keyed(Add(Yard, TableShapes.Number("keyed", i), Shape.Keyed), "bigint"));
        for (var i = 0; i < 3; i++)
            statements.Add(TableShapes.Composite(Add("ops", TableShapes.Number("composite", i), Shape.Composite)));
        for (var i = 0; i < 3; i++)
            statements.Add(TableShapes.Keyless(Add("shop", TableShapes.Number("keyless", i), Shape.Keyless), "numeric(8,2)"));
        for (var i = 0; i < 2; i++)
            statements.Add(TableShapes.Toasted(Add("shop", TableShapes.Number("toasted", i), Shape.Toasted)));
        statements.Add(TableShapes.Big(Add("ops", "big_0", Shape.Big)));
        await server.ExecuteAsync($"SET ROLE {owner}; {string.Join('\n', statements)}", "source");
        return tables;

        Victim Add(string schema, string name, Shape shape)
        {
            tables.Add(new Victim(schema, name, shape));
            return tables[^1];
        }
    }

    /// <summary>
    /// Makes another database with a few tables, of the same names, for whoever captures there; answers with their names.
    /// </summary>
    public static async Task<IReadOnlyList<Victim>> CreateFewAsync(PostgresServer server, string owner, string database)
    {
        Victim[] tables =
        [
            new("shop", "keyed_0", Shape.Keyed), new("ops", "keyed_1", Shape.Keyed), new("ops", "composite_0", Shape.Composite),
            new("shop", "keyless_0", Shape.Keyless), new("shop", "toasted_0", Shape.Toasted),
        ];
        await server.ExecuteAsync($"CREATE DATABASE {database} OWNER {owner}");
        await server.ExecuteAsync($"""
            GRANT CREATE ON DATABASE {database} TO {SourceServer.Role}; SET ROLE {owner};
            CREATE SCHEMA monkey; CREATE SEQUENCE monkey.uids; CREATE SCHEMA shop; CREATE SCHEMA ops;
            {Keyed(tables[0], "bigint")} {Keyed(tables[1], "text")} {TableShapes.Composite(tables[2])}
            {TableShapes.Keyless(tables[3], "numeric(8,2)")} {TableShapes.Toasted(tables[4])}
            """, database);
        return tables;
    }

    private static string Keyed(Victim table, string keyType) =>
        $"CREATE TABLE {table.Sql} (id {keyType} PRIMARY KEY, a int, note text, amount numeric(12,2), day date);"
        + "INSERT " +
            $"INTO {table.Sql} SELECT {(keyType == "uuid" ? "gen_random_uuid()" : $"nextval('monkey.uids')::text::{keyType}")}, i, 'row " +
            "' || i, i / 4.0, date '2024-01-01' + i FROM generate_series(1, 60) i;";
}
