using System.Diagnostics;
using Cdc.Benchmarks.Running;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Benchmarks.Sinks;

/// <summary>
/// What one would write by hand for PostgreSQL: each batch's bytes by binary COPY into a temporary table, removals, MERGE with the columns
/// that tell where a row came from, commit. Skewed batches are folded with DISTINCT ON first, for MERGE refuses two rows of one key.
/// </summary>
internal static class PostgresScript
{
    private static readonly string[] Columns =
    [
        "id", "customer", "quantity", "price", "paid", "created", "updated", "email", "version", "note",
    ];
    private static readonly string[] Places = ["_cdc_partition", "_cdc_offset", "_cdc_committed_at"];

    public static async Task<RungResult> RunAsync(
        PostgresServer server, string database, bool skewed, IReadOnlyList<byte[]> batches, int warming)
    {
        await using var connection = await server.ConnectAsync(database);
        await ExecuteAsync(connection, """
            CREATE TEMPORARY TABLE stage (id bigint, customer text, quantity int, price numeric(12,2), paid boolean, created timestamptz,
                updated timestamp, email text, version bigint, note text, _cdc_partition int, _cdc_offset bigint, _cdc_committed_at timestamptz,
                gone boolean) ON COMMIT DELETE ROWS
            """);
        var started = 0L;
        for (var i = 0; i < batches.Count; i++)
        {
            if (i == warming)
                started = Stopwatch.GetTimestamp();
            await ApplyAsync(connection, batches[i], skewed);
        }

        return new RungResult((batches.Count - warming) * (long)SinkWorkload.BatchRows, Stopwatch.GetElapsedTime(started).TotalSeconds, 0,
            0, 0);
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, byte[] rows, bool skewed)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var copy = await connection.BeginRawBinaryCopyAsync("COPY stage FROM STDIN (FORMAT binary)"))
            await copy.WriteAsync(rows);
        var folded = skewed ? "(SELECT DISTINCT ON (id) * FROM stage ORDER BY id, _cdc_offset DESC)" : "stage";
        string[] all = [.. Columns, .. Places];
        await ExecuteAsync(connection, $"DELETE FROM public.orders t USING {folded} s WHERE s.gone AND t.id = s.id");
        await ExecuteAsync(connection, $"""
            MERGE INTO public.orders t USING (SELECT * FROM {folded} f WHERE gone IS NULL) s ON t.id = s.id
            WHEN MATCHED THEN UPDATE SET {string.Join(", ", all.Skip(1).Select(column => $"{column} = s.{column}"))}
            WHEN NOT MATCHED THEN INSERT ({string.Join(", ", all)}) VALUES ({string.Join(", ", all.Select(column => $"s.{column}"))})
            """);
        await transaction.CommitAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }
}
