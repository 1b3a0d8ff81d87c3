using System.Globalization;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>Statements that make tables of shapes which every campaign has, with rows in them.</summary>
internal static class TableShapes
{
    public static string Number(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");

    public static string Composite(Victim table) =>
        $"CREATE TABLE {table.Sql} (org int, id bigint, a int, note text, PRIMARY KEY (org, id));"
        + $"INSERT INTO {table.Sql} SELECT i % 5, nextval('monkey.uids'), i, 'row ' || i FROM generate_series(1, 80) i;";

    /// <param name="table">Its name.</param>
    /// <param name="weight">The type of a number with a fraction: not every target prints it as the source does.</param>
    public static string Keyless(Victim table, string weight) =>
        $"CREATE TABLE {table.Sql} (a int, note text, weight {weight}); ALTER TABLE {table.Sql} REPLICA IDENTITY FULL;"
        + $"INSERT INTO {table.Sql} SELECT i % 9, 'row ' || i % 9, 0.5 FROM generate_series(1, 50) i;";

    public static string Toasted(Victim table) =>
        $"CREATE TABLE {table.Sql} (id bigint PRIMARY KEY, a int, note text, body text); ALTER TABLE {table.Sql} ALTER body SET STORAGE " +
        "EXTERNAL;"
        + $"INSERT INTO {table.Sql} SELECT nextval('monkey.uids'), i, 'row', repeat(md5(i::text), 150) FROM generate_series(1, 60) i;";

    public static string Big(Victim table) =>
        $"CREATE TABLE {table.Sql} (id bigint PRIMARY KEY, a int, note text);"
        + $"INSERT INTO {table.Sql} SELECT nextval('monkey.uids'), i, repeat(md5(i::text), 4) FROM generate_series(1, 8000) i;";
}
