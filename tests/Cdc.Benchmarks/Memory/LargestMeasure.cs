using System.Diagnostics;
using Cdc.Benchmarks.Running;
using Cdc.Testing;

namespace Cdc.Benchmarks.Memory;

/// <summary>
/// The memory of <c>cdc run</c> at its largest: one transaction of 200 MB into two targets at once, and one value of 150 MB, read and
/// streamed. Each is a process of its own that catches up and ends.
/// </summary>
internal static class LargestMeasure
{
    private const int SmallRows = 400_000;
    private const int GrowingRows = 20_000;
    private const int ValueMegabytes = 150;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        const string transaction = "memory 200 MB, two targets";
        if (options.Asks(transaction))
            await MeasureTransactionAsync(transaction, report);
        foreach (var target in (string[])["postgres", "duckdb"])
        {
            foreach (var isRead in (bool[])[true, false])
            {
                var measure = $"memory value of {ValueMegabytes} MB {(isRead ? "read" : "streamed")}, {target}";
                if (options.Asks(measure))
                    await MeasureValueAsync(measure, isRead, target, report);
            }
        }
    }

    private static async Task MeasureTransactionAsync(string measure, Report report)
    {
        await using var server = await StartServerAsync();
        await server.ExecuteAsync(Capture.CaptureWorkload.CreateTable, "source");
        await server.ExecuteAsync("CREATE TABLE growing (id bigint PRIMARY KEY, body text)", "source");
        using var folder = new TemporaryFolder();
        var file = Write(server, folder.Path, "never", "postgres", "duckdb");
        await CatchUpAsync(file);
        var rows = $"(SELECT i, i FROM generate_series(1, {SmallRows}) i) AS rows(k, n)";
        await server.ExecuteAsync($"INSERT INTO orders SELECT {Capture.CaptureWorkload.Values} FROM {rows}", "source");
        await server.ExecuteAsync($"INSERT INTO growing SELECT n, {Growing('x', "n")} FROM generate_series(1, {GrowingRows}) n", "source");
        await CatchUpAsync(file);
        await server.ExecuteAsync(
            $"BEGIN; UPDATE orders SET version = version + 1; UPDATE growing SET body = {Growing('y', "id")}; COMMIT", "source");
        report.Say("memory: a transaction of 200 MB");
        var watch = Stopwatch.StartNew();
        var peak = await CatchUpAsync(file);
        var seconds = watch.Elapsed.TotalSeconds;
        report.Add(new Figure
        {
            Measure = measure,
            Rows = SmallRows + GrowingRows,
            Seconds = seconds,
            Rate = (SmallRows + GrowingRows) / seconds,
            PeakRssMb = peak,
            Correct = await server.QueryAsync<long>("SELECT count(*) FROM growing WHERE body NOT LIKE 'x%'", "target") == GrowingRows,
        });
    }

    /// <summary>Up to 14,000 bytes: with the others, rows of some 150 bytes, 200 MB.</summary>
    private static string Growing(char letter, string number) => $"repeat('{letter}', ({number} * 7 / 10)::int)";

    private static async Task MeasureValueAsync(string measure, bool isRead, string target, Report report)
    {
        await using var server = await StartServerAsync();
        using var folder = new TemporaryFolder();
        var file = Write(server, folder.Path, isRead ? "initial" : "never", target);
        await server.ExecuteAsync("CREATE TABLE docs (id bigint PRIMARY KEY, body text)", "source");
        var idle = isRead ? 0 : await CatchUpAsync(file);
        await server.ExecuteAsync($"INSERT INTO docs VALUES (1, repeat('x', {ValueMegabytes << 20}))", "source");
        report.Say($"memory: a value of {ValueMegabytes} MB");
        var peak = await CatchUpAsync(file);
        var isThere = target == "duckdb"
            || await server.QueryAsync<long>("SELECT length(body)::bigint FROM docs", "target") == ValueMegabytes << 20;
        report.Add(new Figure
        {
            Measure = measure, Rows = 1, RssMb = idle, PeakRssMb = peak, Ratio = peak / ValueMegabytes, Correct = isThere,
        });
    }

    private static async Task<PostgresServer> StartServerAsync()
    {
        var server = await PostgresServer.StartAsync(settings: "max_wal_size = 8GB");
        await server.ExecuteAsync("CREATE DATABASE source");
        await server.ExecuteAsync("CREATE DATABASE target");
        return server;
    }

    /// <summary>Runs until all is applied; answers with the most memory that the process had.</summary>
    private static async Task<double> CatchUpAsync(string file)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "cdc");
        using var cdc = Process.Start(new ProcessStartInfo(program, ["run", "--until-caught-up", file])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var output = cdc.StandardOutput.ReadToEndAsync();
        var errors = cdc.StandardError.ReadToEndAsync();
        var ended = cdc.WaitForExitAsync();
        var peak = 0d;
        while (!ended.IsCompleted)
        {
            peak = Math.Max(peak, PeakOf(cdc));
            await Task.WhenAny(ended, Waiting.ForAsync(TimeSpan.FromMilliseconds(20)));
        }

        return cdc.ExitCode == 0
            ? peak
            : throw new InvalidOperationException($"cdc ended with {cdc.ExitCode}: {await output}{await errors}");
    }

    /// <summary>0 where it ends in this very moment.</summary>
    private static double PeakOf(Process cdc)
    {
        try
        {
            return Meter.PeakRssMb($"{cdc.Id}");
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static string Write(PostgresServer server, string folder, string snapshot, params string[] targets)
    {
        var file = Path.Combine(folder, "bench.yaml");
        var database = $"host: {PostgresServer.Host}, port: {server.Port}, user: {PostgresServer.User}";
        var sinks = targets.Select(target => target == "duckdb"
            ? $"  file: {{ duckdb: {{ path: {folder}/bench.duckdb }} }}"
            : $"  target: {{ postgres: {{ {database}, database: target }} }}");
        File.WriteAllText(file, $$"""
            name: bench
            log: { embedded: { path: {{folder}}/log } }
            sources:
              bench:
                postgres: { {{database}}, database: source, create: true }
                tables: [ "public.*" ]
                snapshot: { mode: {{snapshot}} }
            sinks:
            {{string.Join('\n', sinks)}}
            """);
        return file;
    }
}
