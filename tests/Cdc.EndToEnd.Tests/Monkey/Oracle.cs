using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>
/// Compares every table of the source that is selected with the target's of that name: all rows, by every column's text, whatever the
/// columns' order. Columns and tables that the source no longer has may stay in the target. It asks the two servers only and shares nothing
/// with the product.
/// </summary>
/// <param name="source">The source's server.</param>
/// <param name="target">The target's server, which may be another one later.</param>
/// <param name="database">The source's database.</param>
/// <param name="behind">What the target's schemas have behind the source's name.</param>
internal sealed class Oracle(PostgresServer source, Func<PostgresServer> target, string database = "source", string behind = "")
{
    private const string Settings =
        "SET timezone = 'UTC'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = 1; SET bytea_output = 'hex'; SET " +
        "statement_timeout = '60s'";

    private const string Selected = $"""
        SELECT n.nspname::text, c.relname::text, c.relkind = 'p',
            array(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attname),
            array(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated <> '' ORDER BY attname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
            AND n.nspname NOT IN ('{Estate.Hidden}', 'monkey', 'information_schema') AND n.nspname !~ '^pg_'
        ORDER BY 1, 2
        """;

    internal sealed record Table(string Schema, string Name, bool IsPartitioned, string[] Columns, string[] Generated)
    {
        public string Sql => $"{Victim.Quote(Schema)}.{Victim.Quote(Name)}";

        public override string ToString() => $"{Schema}.{Name}";
    }

    /// <summary>The tables that differ now, each with how.</summary>
    public async Task<IReadOnlyList<(string Table, string Difference)>> CompareAsync()
    {
        await using var left = await OpenAsync(source, database);
        await using var right = await OpenAsync(target(), "target");
        var differences = new List<(string, string)>();
        foreach (var table in await TablesAsync(left))
        {
            if (await DifferenceAsync(left, right, table, table with { Schema = table.Schema + behind }) is { } difference)
                differences.Add((table.ToString(), difference));
        }

        return differences;
    }

    private static async Task<NpgsqlConnection> OpenAsync(PostgresServer server, string database)
    {
        var connection = await server.ConnectAsync(database);
        await using var command = new NpgsqlCommand(Settings, connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>The tables of the source that are selected.</summary>
    public static async Task<List<Table>> TablesAsync(NpgsqlConnection connection)
    {
        var tables = new List<Table>();
        await using var command = new NpgsqlCommand(Selected, connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            tables.Add(new Table(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2),
                await reader.GetFieldValueAsync<string[]>(3), await reader.GetFieldValueAsync<string[]>(4)));
        }

        return tables;
    }

    private static async Task<string?> DifferenceAsync(NpgsqlConnection left, NpgsqlConnection right, Table table, Table twin)
    {
        // Rows without a column say nothing: there is nothing to compare.
        if (table.Columns.Length + table.Generated.Length == 0)
            return null;
        var there = await ColumnsAsync(right, twin);
        var generated = new List<string>();
        foreach (var column in table.Generated.Where(there.Contains))
        {
            // Most servers do not send them; a target that has one anyhow must have all of it.
            if (TestSetting.Read("CDC_MONKEY_GENERATED", 1) == 1
                && await CountAsync(right, $"SELECT count({Victim.Quote(column)}) FROM {twin.Sql}") > 0)
                generated.Add(column);
        }

        var columns = table.Columns.Concat(generated).ToList();
        var expected = await RowsAsync(left, $"{(table.IsPartitioned ? "" : "ONLY ")}{table.Sql}", columns);
        if (there.Count == 0)
            return expected.Count == 0 ? null : $"{expected.Count} rows, but no such table in the target";
        var missing = columns.Except(there).ToList();
        if (missing.Count > 0 && expected.Count > 0)
            return $"the target has no column {string.Join(", ", missing)}";
        return missing.Count > 0 ? null : Difference(expected, await RowsAsync(right, twin.Sql, columns));
    }

    /// <summary>How two sets of rows differ, in a few words; null where they do not.</summary>
    public static string? Difference(List<string> expected, List<string> found)
    {
        expected.Sort(StringComparer.Ordinal);
        found.Sort(StringComparer.Ordinal);
        if (expected.SequenceEqual(found, StringComparer.Ordinal))
            return null;
        var lost = Without(expected, found);
        var more = Without(found, expected);
        return $"{expected.Count} rows at the source, {found.Count} in the target; not in the target {lost.Count}: {Show(lost)}; only in " +
            $"the target {more.Count}: {Show(more)}";
    }

    private static List<string> Without(List<string> rows, List<string> others)
    {
        var left = others.GroupBy(row => row, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return [.. rows.Where(row => !left.TryGetValue(row, out var count) || (left[row] = count - 1) < 0)];
    }

    private static string Show(List<string> rows) =>
        string.Join(' ', rows.Take(2).Select(row => row.Length > 120 ? row[..120] + "…" : row));

    private static async Task<List<string>> RowsAsync(NpgsqlConnection connection, string table, List<string> columns)
    {
        var rows = new List<string>();
        var values = string.Join(", ", columns.Select(column => $"{Victim.Quote(column)}::text"));
        await using var command = new NpgsqlCommand($"SELECT ARRAY[{values}]::text[]::text FROM {table}", connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    private static async Task<List<string>> ColumnsAsync(NpgsqlConnection connection, Table table)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT array(SELECT attname::text FROM pg_attribute
                WHERE attrelid = to_regclass({Victim.Literal(table.Sql)}) AND attnum > 0 AND NOT attisdropped)
            """, connection);
        return [.. (string[])(await command.ExecuteScalarAsync())!];
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
