using System.Globalization;
using Npgsql;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>Statements that change rows of a table as it is now, with values that the server makes up by the columns' types.</summary>
internal static class RowStatements
{
    private sealed record Column(string Name, string Kind, string Type, string Below, bool IsKey, bool IsRequired)
    {
        public string Sql => Victim.Quote(Name);
    }

    /// <summary>One transaction of inserts, updates, deletes or changes of keys; null where the table is gone.</summary>
    public static async Task<string?> AnyAsync(NpgsqlConnection connection, uint table, Random random)
    {
        var (name, columns) = await DescribeAsync(connection, table);
        if (name is null)
            return null;
        var statements = new List<string>();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var rows = $"(tableoid, ctid) IN (SELECT tableoid, ctid FROM {name} ORDER BY random() LIMIT {random.Next(1, 4)})";
            statements.Add(columns.Count == 0 ? $"INSERT INTO {name} DEFAULT VALUES" : random.Next(10) switch
            {
                < 4 => Insert(name, columns, random.Next(1, 5), random),
                < 7 => $"UPDATE {name} SET {Change(columns, random)} WHERE {rows}",
                7 when columns.FirstOrDefault(column => column.IsKey) is { } key =>
                    $"UPDATE {name} SET {key.Sql} = {Value(key, random)} WHERE {rows}",
                _ => $"DELETE FROM {name} WHERE {rows}",
            });
        }

        return string.Join("; ", statements);
    }

    /// <summary>New rows for a table of that name.</summary>
    public static async Task<string?> InsertAsync(NpgsqlConnection connection, string table, int count, Random random)
    {
        await using var command = new NpgsqlCommand($"SELECT to_regclass({Victim.Literal(table)})::oid", connection);
        if (await command.ExecuteScalarAsync() is not uint oid)
            return null;
        var (name, columns) = await DescribeAsync(connection, oid);
        return name is null ? null : Insert(name, columns, count, random);
    }

    private static string Insert(string table, List<Column> columns, int count, Random random) => columns.Count == 0
        ? $"INSERT INTO {table} DEFAULT VALUES"
        : string.Create(CultureInfo.InvariantCulture,
            $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Sql))}) " +
            $"SELECT {string.Join(", ", columns.Select(column => Value(column, random)))} FROM generate_series(1, {count})");

    private static string Change(List<Column> columns, Random random)
    {
        var values = columns.Where(column => !column.IsKey).ToList();
        if (values.Count == 0)
            values = columns;
        return string.Join(", ", values.OrderBy(_ => random.Next()).Take(random.Next(1, 3))
            .Select(column => $"{column.Sql} = {Value(column, random)}"));
    }

    private static string Value(Column column, Random random)
    {
        if (column.IsKey)
            return Key(column);
        if (random.Next(12) == 0)
            return column.IsRequired || column.Name == "day" ? Text(column, random) : "NULL";
        return Text(column, random);
    }

    private static string Key(Column column) => column.Below switch
    {
        "uuid" => "gen_random_uuid()",
        "date" => "date '2023-01-01' + (random() * 1090)::int",
        "int2" => "(random() * 30000)::int2",
        "timestamptz" or "timestamp" => "clock_timestamp()",
        _ => $"nextval('monkey.uids')::text::{column.Type}",
    };

    private static string Text(Column column, Random random) => column switch
    {
        { Kind: "e" } => $"(enum_range(NULL::{column.Type}))[1 + floor(random() * cardinality(enum_range(NULL::{column.Type})))::int]",
        { Kind: "c" } =>
            $$"""jsonb_populate_record(NULL::{{column.Type}}, '{"street": "{{random.Next(99)}} \"Road\"", "number": {{random.Next(99)}}}')""",
        { Name: "body" } => $"repeat(md5(random()::text), {random.Next(1, 200)})",
        { Below: "int2" or "int4" or "int8" or "numeric" or "float8" or "float4" } =>
            $"round((random() * 1000)::numeric, {random.Next(0, 3)})::{column.Type}",
        { Below: "bool" } => "random() < 0.5",
        { Below: "date" } => "date '2023-01-01' + (random() * 1090)::int",
        { Below: "timestamptz" or "timestamp" } => "clock_timestamp()",
        { Below: "uuid" } => "gen_random_uuid()",
        { Below: "json" or "jsonb" } => $$"""'{"k": [{{random.Next(99)}}, null, "é"]}'""",
        { Below: "bytea" } => "decode(md5(random()::text), 'hex')",
        { Below: "interval" } => $"interval '{random.Next(99)} minutes'",
        { Below: "_text" } => "ARRAY['a', NULL, md5(random()::text), 'b\"c,']",
        { Below: "_int4" or "_int8" } => $"ARRAY[{random.Next(99)}, NULL, 3]::{column.Type}",
        _ => random.Next(4) switch { 0 => $"repeat('é', {random.Next(6)})", 1 => $"'{random.Next(9)}'", _ =>
            "left(md5(random()::text), 20)" } + $"::{column.Type}",
    };

    private static async Task<(string? Name, List<Column> Columns)> DescribeAsync(NpgsqlConnection connection, uint table)
    {
        string? name = null;
        var columns = new List<Column>();
        await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"""
            SELECT format('%I.%I', n.nspname, c.relname), a.attname::text, t.typtype::text, format_type(a.atttypid, a.atttypmod), coalesce(b.typname, t.typname)::text,
                coalesce(a.attnum = ANY (i.indkey), false) OR a.attname = 'id', a.attnotnull
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
            LEFT JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
            LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            WHERE c.oid = {table} ORDER BY a.attnum
            """), connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            name = reader.GetString(0);
            if (!reader.IsDBNull(1))
                columns.Add(new Column(reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                    reader.GetBoolean(5), reader.GetBoolean(6)));
        }

        return (name, columns);
    }
}
