using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>The DuckDB file, opened by one hand of this process at a time, and only while the sink has it closed.</summary>
internal sealed class LakeFile(string path) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim one = new(1);

    public string Path => path;

    /// <summary>Has the file open to write, or to read, for as long as something takes: the sink waits meanwhile.</summary>
    public async Task UseAsync(bool toWrite, Func<DuckDbConnection, Task> what)
    {
        await one.WaitAsync();
        try
        {
            using var connection = DuckDbConnection.OpenInMemory([]);
            await Eventually.HoldsAsync("the file can be opened", () => TryAttach(connection, toWrite), Patience);
            try
            {
                await what(connection);
            }
            finally
            {
                connection.Execute("USE memory; DETACH lake");
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Statements in a row, the file open to write.</summary>
    public Task ExecuteAsync(string sql) => UseAsync(toWrite: true, connection =>
    {
        connection.Execute(sql);
        return Task.CompletedTask;
    });

    /// <summary>
    /// Puts another file in the present one's place, or none, while the program is stopped; nothing of the present one is left beside it.
    /// </summary>
    public async Task ReplaceAsync(Func<Task> what)
    {
        await one.WaitAsync();
        try
        {
            using (var connection = DuckDbConnection.OpenInMemory([]))
                connection.Execute($"ATTACH '{path}' AS lake; CHECKPOINT lake; DETACH lake");
            await what();
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The tables that differ from the source's now, each with how.</summary>
    public async Task<IReadOnlyList<(string Table, string Difference)>> CompareAsync(PostgresServer source)
    {
        await using var left = await source.ConnectAsync("source");
        var rows = new List<(Oracle.Table Table, List<string> Rows)>();
        foreach (var table in await Oracle.TablesAsync(left))
            rows.Add((table, await RowsAsync(left, table)));
        var differences = new List<(string, string)>();
        await UseAsync(toWrite: false, connection =>
        {
            foreach (var (table, expected) in rows)
            {
                if (Difference(connection, table, expected) is { } difference)
                    differences.Add((table.ToString(), difference));
            }

            return Task.CompletedTask;
        });
        return differences;
    }

    public void Dispose() => one.Dispose();

    private bool TryAttach(DuckDbConnection connection, bool toWrite)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            connection.Execute($"ATTACH '{path}' AS lake{(toWrite ? "" : " (READ_ONLY)")}; USE lake");
            return true;
        }
        catch (DuckDbException error) when (error.Message.Contains("lock", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
    }

    private static string? Difference(DuckDbConnection connection, Oracle.Table table, List<string> expected)
    {
        try
        {
            var found = new List<string>();
            using var rows = connection.Query($"SELECT {Row(table, "VARCHAR")} FROM {table.Sql}");
            while (rows.Read())
                found.Add(rows.Text(0) ?? "");
            return Oracle.Difference(expected, found);
        }
        catch (DuckDbException error)
        {
            return error.Message;
        }
    }

    private static async Task<List<string>> RowsAsync(NpgsqlConnection connection, Oracle.Table table)
    {
        var rows = new List<string>();
        await using var command = new NpgsqlCommand($"SELECT {Row(table, "text")} FROM {table.Sql}", connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    // In words that both databases print alike.
    private static string Row(Oracle.Table table, string text) =>
        $"concat_ws('|', {string.Join(", ", table.Columns.Select(column => $"coalesce({Victim.Quote(column)}::{text}, '(null)')"))})";
}
