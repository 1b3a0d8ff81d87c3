using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.DuckDb.Native;

namespace Cdc.Integration.Tests.DuckDb;

/// <summary>A DuckDB file in a temporary folder, read beside the writers while none has a transaction.</summary>
public sealed class TemporaryDuckDb : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-duckdb-").FullName;

    public string Path => System.IO.Path.Combine(folder, "target.duckdb");

    public string WalPath => Path + ".wal";

    /// <summary>The file is closed between batches no longer than it takes.</summary>
    public DuckDbTargetOptions Options => new() { Path = Path, ClosedTime = TimeSpan.Zero };

    public void Execute(string sql) => Use(connection => connection.Execute(sql));

    /// <summary>A query's rows, each value as DuckDB prints it, null as null.</summary>
    public IReadOnlyList<string?[]> Query(string sql)
    {
        var all = new List<string?[]>();
        Use(connection =>
        {
            connection.Execute($"CREATE TEMP TABLE answer AS {sql}");
            using var counting = connection.Query("SELECT count(*) FROM duckdb_columns() WHERE table_name = 'answer'");
            counting.Read();
            var columns = (int)counting.Number(0)!.Value;
            using var rows = connection.Query("SELECT COLUMNS(*)::VARCHAR FROM answer");
            while (rows.Read())
                all.Add([.. Enumerable.Range(0, columns).Select(rows.Text)]);
        });
        return all;
    }

    /// <summary>Runs a statement where no sink of this process has the file open, and answers with whether it did.</summary>
    public bool TryExecute(string sql) => TryUse(() => Execute(sql));

    /// <summary>The first value of a query's first row where no sink of this process has the file open; else null.</summary>
    public string? TryAnswer(string sql)
    {
        string? answer = null;
        TryUse(() => answer = Query(sql)[0][0]);
        return answer;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private bool TryUse(Action action)
    {
        var file = new DuckDbFile(Path);
        if (!file.TryHold())
            return false;
        try
        {
            action();
            return true;
        }
        finally
        {
            file.Free();
        }
    }

    private void Use(Action<DuckDbConnection> action)
    {
        using var connection = DuckDbConnection.OpenInMemory([]);
        connection.Execute($"SET TimeZone = 'UTC'; ATTACH '{Path}' AS file; USE file");
        action(connection);
        connection.Execute("USE memory; DETACH file");
    }
}
