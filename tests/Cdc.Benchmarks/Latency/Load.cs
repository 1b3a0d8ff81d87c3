using System.Diagnostics;
using Cdc.Benchmarks.Capture;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Benchmarks.Latency;

/// <summary>
/// Inserts at a fixed rate, in transactions of ten: each is due at its own time, whatever became of the ones before (open loop).
/// </summary>
internal static class Load
{
    public const int TransactionRows = 10;

    /// <summary>Answers with the rate it achieved.</summary>
    public static async Task<double> RunAsync(PostgresServer server, string database, int rate, long rows)
    {
        await using var connection = await server.ConnectAsync(database);
        await using var insert = new NpgsqlCommand(
            $"INSERT INTO orders SELECT {CaptureWorkload.Values} FROM (SELECT i, i FROM generate_series($1::bigint, $1 " +
            $"+ {TransactionRows - 1}) i) AS rows(k, n)", connection);
        var first = new NpgsqlParameter<long>();
        insert.Parameters.Add(first);
        await insert.PrepareAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var started = Stopwatch.GetTimestamp();
        for (var done = 0L; done < rows; done += TransactionRows)
        {
            while (Stopwatch.GetElapsedTime(started).TotalSeconds * rate < done)
                await timer.WaitForNextTickAsync();
            first.TypedValue = done + 1;
            await insert.ExecuteNonQueryAsync();
        }

        return rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
