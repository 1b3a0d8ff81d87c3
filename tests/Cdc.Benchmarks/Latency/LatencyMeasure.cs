using System.Text.Json;
using Cdc.Benchmarks.Capture;
using Cdc.Benchmarks.Running;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Benchmarks.Latency;

/// <summary>
/// From the commit (the server's own time of it, as the stream tells it) to the record that a reader of the log has, and to the row that
/// another session sees in the target. One host, one clock. All servers and roles share the machine; nothing is pinned.
/// </summary>
internal static class LatencyMeasure
{
    private const string ToLog = "latency commit to log";
    private const string ToRow = "latency commit to row";
    private const int Seconds = 20;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        if (options.Asks(ToLog))
            await MeasureAsync(ToLog, rate: 5_000, sink: false, options, report);
        if (options.Asks(ToRow))
            await MeasureAsync(ToRow, rate: 1_000, sink: true, options, report);
    }

    private static async Task MeasureAsync(string name, int rate, bool sink, BenchOptions options, Report report)
    {
        var rows = (options.Rows ?? Seconds * rate) / Load.TransactionRows * Load.TransactionRows;
        var warming = rows / 4;
        report.Say($"{name}: {rows} changes at {rate} a second");
        await using var server = await PostgresServer.StartAsync();
        await server.ExecuteAsync($"CREATE DATABASE {CaptureWorkload.Database}");
        await server.ExecuteAsync("CREATE DATABASE target");
        await server.ExecuteAsync(CaptureWorkload.CreateTable, CaptureWorkload.Database);
        using var folder = new TemporaryFolder();
        var rung = Child.RungAsync("latency", new LatencySettings(server.Port, folder.Path, sink, rows, warming).ToJson());
        await Eventually.HoldsAsync("capture streams",
            async () => await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE active") == 1);
        var watching = sink ? WatchAsync(server, rows, warming, folder.Path) : null;
        var achieved = await Load.RunAsync(server, CaptureWorkload.Database, rate, rows);
        var seen = watching is null ? null : await watching;
        var result = await rung;
        var times = seen
            ?? JsonSerializer.Deserialize<List<long>>(await File.ReadAllTextAsync(Path.Combine(folder.Path, LatencyRung.TimesFile)))!;
        var count = times.Count;
        times.Sort();
        report.Add(new Figure
        {
            Measure = name,
            Rows = rows,
            Seconds = result.Seconds,
            Rate = achieved,
            CpuMicrosecondsPerRow = result.CpuMicrosecondsPerRow,
            P50Ms = Pairs.Percentile([.. times.Select(time => time / 1000.0)], 0.50),
            P99Ms = Pairs.Percentile([.. times.Select(time => time / 1000.0)], 0.99),
            PeakRssMb = result.PeakRssMb,
            Correct = count == rows - warming && achieved > 0.9 * rate,
        });
    }

    /// <summary>Looks for new rows every two milliseconds; a row counts when the question that found it is answered.</summary>
    private static async Task<List<long>> WatchAsync(PostgresServer server, long rows, long warming, string folder)
    {
        await using var connection = await server.ConnectAsync("target");
        await Eventually.HoldsAsync("the target's table is there",
            async () => await server.QueryAsync<bool>("SELECT to_regclass('public.orders') IS NOT NULL", "target"));
        await using var look = new NpgsqlCommand(
            "SELECT id, (extract(epoch FROM _cdc_committed_at) * 1000000)::bigint FROM public.orders WHERE id > $1 ORDER BY id",
            connection);
        var after = new NpgsqlParameter<long>();
        look.Parameters.Add(after);
        await look.PrepareAsync();
        var found = new List<long>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        for (var last = 0L; last < rows;)
        {
            await timer.WaitForNextTickAsync();
            after.TypedValue = last;
            var commits = new List<(long Id, long Commit)>();
            await using (var reader = await look.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    commits.Add((reader.GetInt64(0), reader.GetInt64(1)));
            }

            var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            found.AddRange(commits.Where(row => row.Id > warming).Select(row => now - row.Commit));
            if (commits.Count > 0)
                last = commits[^1].Id;
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "seen"), "");
        return found;
    }
}
