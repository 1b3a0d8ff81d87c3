using System.Globalization;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>The tables of the source, of many shapes, in several schemas, and which of them a deed has in its hands.</summary>
internal sealed class Estate
{
    /// <summary>The schema that the selection leaves out.</summary>
    public const string Hidden = "hidden";

    private static readonly string[] KeyTypes = ["bigint", "integer", "text", "uuid", "varchar(40)", "numeric(18,0)"];
    private static readonly string[] Schemas = ["shop", "ops", "склад", "Odd \"Names\""];
    private static readonly string[] OddNames = ["заказы", "товары", "café", "cafä", "a$b", "a b", "Select", "x\"y"];

    private readonly List<Victim> free = [];
    private readonly HashSet<string> lost = new(StringComparer.Ordinal);

    /// <summary>Makes the tables, with rows, owned by the role <c>app</c>.</summary>
    public async Task CreateAsync(PostgresServer server, string owner)
    {
        var statements = new List<string> { $"CREATE SCHEMA {Hidden}; CREATE SCHEMA monkey; CREATE SEQUENCE monkey.uids;" };
        statements.AddRange(Schemas.Select(schema => $"CREATE SCHEMA {Victim.Quote(schema)};"));
        for (var i = 0; i < 30; i++)
            statements.Add(
                Keyed(Add(Schemas[i % 4], i >= 22 ? OddNames[i - 22] : TableShapes.Number("keyed", i), i % 5 == 2 ? Shape.Generated
                    : Shape.Keyed), KeyTypes[i % KeyTypes.Length], i));
        for (var i = 0; i < 5; i++)
            statements.Add(TableShapes.Composite(Add(Schemas[i % 3], TableShapes.Number("composite", i), Shape.Composite)));
        for (var i = 0; i < 6; i++)
            statements.Add(TableShapes.Keyless(Add(Schemas[i % 3], TableShapes.Number("keyless", i), Shape.Keyless), "float8"));
        for (var i = 0; i < 5; i++)
            statements.Add(Partitioned(Add(Schemas[i % 3], TableShapes.Number("parted", i), Shape.Partitioned)));
        for (var i = 0; i < 3; i++)
            statements.Add(Family(Add("ops", TableShapes.Number("parent", i), Shape.Parent)));
        for (var i = 0; i < 4; i++)
            statements.Add(Typed(Add("shop", TableShapes.Number("typed", i), Shape.Typed)));
        for (var i = 0; i < 2; i++)
            statements.Add(TableShapes.Toasted(Add("shop", TableShapes.Number("toasted", i), Shape.Toasted)));
        statements.Add(TableShapes.Big(Add("ops", "big_0", Shape.Big)));
        statements.Add($"CREATE TABLE {Add("ops", "columnless_0", Shape.Columnless).Sql} ();");
        await server.ExecuteAsync($"SET ROLE {owner}; {string.Join('\n', statements)}", "source");
    }

    /// <summary>Takes a free table of one of the shapes; null where all are in hands.</summary>
    public Victim? Take(Random random, params Shape[] shapes)
    {
        lock (free)
        {
            var fitting = free.Where(victim => shapes.Contains(victim.Shape) && !lost.Contains(victim.ToString())).ToList();
            if (fitting.Count == 0)
                return null;
            var victim = fitting[random.Next(fitting.Count)];
            free.Remove(victim);
            return victim;
        }
    }

    /// <summary>The table is not taken any more: what was done to it before is not mended.</summary>
    public void Lose(string table)
    {
        lock (free)
            lost.Add(table);
    }

    public void Give(Victim victim)
    {
        lock (free)
            free.Add(victim);
    }

    /// <summary>Makes a table of the simple shape; a deed that makes tables uses it too.</summary>
    public static string Keyed(Victim table, string keyType, int number)
    {
        var key = keyType == "uuid" ? "gen_random_uuid()" : $"nextval('monkey.uids')::text::{keyType}";
        // Some are empty, some have what other tables do not.
        var rows = number % 7 == 6 ? 0 : 60;
        var more = (number % 5) switch { 1 => ", tags text[]", 2 => ", twice bigint GENERATED ALWAYS AS (a * 2) STORED", 3 =>
            ", at timestamptz, doc jsonb", _ => "" };
        return $"CREATE TABLE {table.Sql} (id {keyType} PRIMARY KEY, a int, note text, amount numeric(12,2){more});"
            + $"INSERT INTO {table.Sql} (id, a, note, amount) SELECT {key}, i, 'row ' || i, i / 4.0 FROM generate_series(1, {rows}) i;";
    }

    private Victim Add(string schema, string name, Shape shape)
    {
        var victim = new Victim(schema, name, shape);
        Give(victim);
        return victim;
    }

    private static string Partitioned(Victim table) =>
        $"CREATE TABLE {table.Sql} (id bigint, day date, a int, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
        + string.Concat(Enumerable.Range(2023, 3).Select(year => Partition(table, year, year + 1)))
        + $"INSERT INTO {table.Sql} SELECT nextval('monkey.uids'), date '2023-01-01' + i * 9, i, 'row ' || i " +
            "FROM generate_series(1, 110) i;";

    /// <summary>Makes the partition of the years from one to another.</summary>
    public static string Partition(Victim table, int from, int to) => string.Create(CultureInfo.InvariantCulture,
        $"CREATE TABLE {table.Beside($"_{from}")} PARTITION OF {table.Sql} FOR VALUES FROM ('{from}-01-01') TO ('{to}-01-01');");

    private static string Family(Victim table) =>
        $"CREATE TABLE {table.Sql} (id bigint PRIMARY KEY, a int, note text);"
        + $"CREATE TABLE {table.Beside("_child")} (extra text, PRIMARY KEY (id)) INHERITS ({table.Sql});"
        + $"INSERT INTO {table.Sql} SELECT nextval('monkey.uids'), i, 'parent' FROM generate_series(1, 30) i;"
        + $"INSERT INTO {table.Beside("_child")} SELECT nextval('monkey.uids'), i, 'child', 'x' FROM generate_series(1, 30) i;";

    private static string Typed(Victim table) =>
        $"CREATE TYPE {table.Beside("_mood")} AS ENUM ('glad', 'sad', 'so so'); CREATE DOMAIN {table.Beside("_price")} AS numeric(10,2);"
        + $"CREATE TYPE {table.Beside("_place")} AS (street text, number int);"
        + $"CREATE TABLE {table.Sql} (id bigint PRIMARY KEY, a int, note text, " +
            $"mood {table.Beside("_mood")}, price {table.Beside("_price")}, place {table.Beside("_place")});"
        + $"INSERT INTO {table.Sql} SELECT nextval('monkey.uids'), i, 'row', 'sad', i / 3.0, ROW('Long, \"Street\"', " +
            $"i)::{table.Beside("_place")} FROM generate_series(1, 60) i;";
}
