using Cdc.Benchmarks.Running;
using Cdc.Testing;

namespace Cdc.Benchmarks.Sinks;

/// <summary>Merging a log's changes into a table of a million rows, against scripts that do the same with the same batches.</summary>
internal static class SinkMeasure
{
    private const int WarmBatches = 2;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        foreach (var name in new[] { "uniform", "skewed" })
        {
            if (options.Asks($"sink postgres {name}") || options.Asks($"sink duckdb {name}"))
                await MeasureAsync(name, options, report);
        }
    }

    private static async Task MeasureAsync(string name, BenchOptions options, Report report)
    {
        var changes = Math.Max(3, (options.Rows ?? 500_000) / SinkWorkload.BatchRows) * (long)SinkWorkload.BatchRows;
        using var folder = new TemporaryFolder();
        await using var server = await PostgresServer.StartAsync(
            settings: ["max_wal_size = 8GB", "shared_buffers = 256MB", "max_parallel_workers_per_gather = 0"]);
        var workload = new SinkWorkload(server, name, name == "skewed", tableRows: Math.Max(1_000_000, 2 * changes), changes, folder.Path);
        report.Say($"sink {name}: making {workload.TableRows} rows, their target, and {changes} changes");
        await workload.MakeTableAsync();
        var targets = new List<SinkTarget>();
        if (options.Asks($"sink postgres {name}"))
            targets.Add(new PostgresSinkTarget(server, workload, WarmBatches));
        if (options.Asks($"sink duckdb {name}"))
            targets.Add(new DuckDbSinkTarget(workload, WarmBatches, folder.Path));
        foreach (var target in targets)
            await target.FillAsync();
        await workload.MakeChangesAsync();
        foreach (var target in targets)
        {
            await target.PrepareAsync();
            report.Say($"sink {target.Name} {name}: {options.Pairs} pairs");
            var figure = await Pairs.RunAsync($"sink {target.Name} {name}", options.Pairs, "script", target.SinkAsync, target.ScriptAsync);
            report.Add(figure with { Correct = target.IsCorrect });
            await target.DisposeAsync();
        }
    }
}
