using Cdc.Sink.Writers.DuckDb.Native;

namespace Cdc.EndToEnd.Tests;

/// <summary>The DuckDB file that a campaign fills beside the PostgreSQL target; read while no pipeline runs.</summary>
internal static class Lake
{
    /// <summary>The only column of a query, in order.</summary>
    public static IReadOnlyList<string> Query(string file, string sql)
    {
        var values = new List<string>();
        using var connection = DuckDbConnection.OpenInMemory([]);
        connection.Execute($"ATTACH '{file}' AS lake (READ_ONLY); USE lake");
        using (var rows = connection.Query(sql))
        {
            while (rows.Read())
                values.Add(rows.Text(0) ?? "");
        }

        connection.Execute("USE memory; DETACH lake");
        return values;
    }
}
