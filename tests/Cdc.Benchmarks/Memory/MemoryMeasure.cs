using System.Diagnostics;
using Cdc.Benchmarks.Running;
using Cdc.Testing;

namespace Cdc.Benchmarks.Memory;

/// <summary>
/// The memory of <c>cdc run</c>, capture and a PostgreSQL sink in one process: idle, with many tables, during one large transaction.
/// </summary>
internal static class MemoryMeasure
{
    private const int Tables = 240;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var rows = options.Rows ?? 1_000_000;
        await using var server = await PostgresServer.StartAsync(settings: "max_wal_size = 8GB");
        await server.ExecuteAsync("CREATE DATABASE source");
        await server.ExecuteAsync("CREATE DATABASE target");
        await server.ExecuteAsync(Capture.CaptureWorkload.CreateTable, "source");
        await server.ExecuteAsync(string.Join(';', Enumerable.Range(0, Tables)
            .Select(i => $"CREATE TABLE t{i} (id bigint PRIMARY KEY, name text, total numeric(10,2), at timestamptz)")), "source");
        using var folder = new TemporaryFolder();
        using var cdc = Start(server, folder.Path);
        try
        {
            await MeasureAsync(server, cdc, rows, report);
        }
        finally
        {
            cdc.Kill();
            await cdc.WaitForExitAsync();
        }
    }

    private static async Task MeasureAsync(PostgresServer server, Process cdc, int rows, Report report)
    {
        var process = $"{cdc.Id}";
        await Eventually.HoldsAsync("capture streams",
            async () => await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE active") == 1);
        await Waiting.ForAsync(TimeSpan.FromSeconds(10));
        report.Add(new Figure
        {
            Measure = "memory idle", RssMb = Meter.RssMb(process), PeakRssMb = Meter.PeakRssMb(process), Correct = true,
        });

        for (var round = 0; round < 3; round++)
            await server.ExecuteAsync(
                string.Join(';', Enumerable.Range(0, Tables)
                    .Select(i => $"INSERT INTO t{i} SELECT {round} * 100 + n, 'name ' || n, n, now() FROM generate_series(1, 100) n")),
                    "source");
        await UntilAppliedAsync(server, cdc, 3L * 100 * Tables);
        await Waiting.ForAsync(TimeSpan.FromSeconds(5));
        var steady = Meter.RssMb(process);
        report.Add(new Figure
        {
            Measure = $"memory {Tables} tables", Rows = 3L * 100 * Tables, RssMb = steady, PeakRssMb = Meter.PeakRssMb(process),
            Correct = true,
        });

        report.Say($"memory: a transaction of {rows} rows");
        await File.WriteAllTextAsync($"/proc/{process}/clear_refs", "5"); // The high-water mark starts over.
        await server.ExecuteAsync(
            $"INSERT INTO orders SELECT {Capture.CaptureWorkload.Values} FROM (SELECT i, i FROM generate_series(1, {rows}) i) AS rows(k, " +
            "n)", "source");
        await UntilAppliedAsync(server, cdc, 3L * 100 * Tables + rows);
        report.Add(new Figure
        {
            Measure = "memory large transaction", Rows = rows, RssMb = steady, PeakRssMb = Meter.PeakRssMb(process), Correct = true,
        });
    }

    private static Task UntilAppliedAsync(PostgresServer server, Process cdc, long rows) =>
        Eventually.HoldsAsync($"{rows} rows are applied", async () => !cdc.HasExited
            ? await server.QueryAsync<bool>("SELECT to_regclass('_cdc.ledger') IS NOT NULL", "target")
                && await server.QueryAsync<long>("SELECT coalesce(sum(rows), 0)::bigint FROM _cdc.ledger", "target") == rows
            : throw new InvalidOperationException($"cdc ended with {cdc.ExitCode}."), TimeSpan.FromMinutes(20));

    private static Process Start(PostgresServer server, string folder)
    {
        var file = Path.Combine(folder, "bench.yaml");
        var database = $"host: {PostgresServer.Host}, port: {server.Port}, user: {PostgresServer.User}";
        File.WriteAllText(file, $$"""
            name: bench
            log: { embedded: { path: {{folder}}/log } }
            sources:
              bench:
                postgres: { {{database}}, database: source, create: true }
                tables: [ "public.*" ]
                snapshot: { mode: never }
            sinks:
              target:
                postgres: { {{database}}, database: target }
            """);
        var program = Path.Combine(AppContext.BaseDirectory, "cdc");
        return Process.Start(new ProcessStartInfo(program, ["run", file])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }
}
