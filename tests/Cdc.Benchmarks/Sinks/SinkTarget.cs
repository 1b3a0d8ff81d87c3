using Cdc.Benchmarks.Running;
using Cdc.Testing;

namespace Cdc.Benchmarks.Sinks;

/// <summary>One kind of target: filled once by the sink, copied for every run, compared after it.</summary>
internal abstract class SinkTarget(SinkWorkload workload, int warmBatches) : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>Whether all runs so far left the table that they should.</summary>
    public bool IsCorrect { get; protected set; } = true;

    protected SinkWorkload Workload { get; } = workload;

    protected int WarmBatches { get; } = warmBatches;

    protected abstract int Port { get; }

    /// <summary>Lets the sink write the table's first rows.</summary>
    public abstract Task FillAsync();

    /// <summary>Makes the script's batches, and whatever else must not cost time in the runs.</summary>
    public abstract Task PrepareAsync();

    public abstract Task<RungResult> SinkAsync();

    public abstract Task<RungResult> ScriptAsync();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected Task<RungResult> RunSinkAsync(string database, long warming, long changes) =>
        Child.RungAsync("sink", new SinkSettings(Port, database, Workload.LogFolder, warming, changes).ToJson());
}

internal sealed class PostgresSinkTarget(PostgresServer server, SinkWorkload workload, int warmBatches) : SinkTarget(workload, warmBatches)
{
    private readonly List<byte[]> batches = [];
    private string expected = "";

    public override string Name => "postgres";

    protected override int Port => server.Port;

    private string Filled => "filled_" + Workload.Name;

    public override async Task FillAsync()
    {
        await server.ExecuteAsync($"CREATE DATABASE {Filled}");
        await RunSinkAsync(Filled, 0, Workload.TableRows);
        await server.ExecuteAsync("VACUUM ANALYZE public.orders", Filled);
    }

    public override async Task PrepareAsync()
    {
        for (var batch = 0; batch < Workload.Changes / SinkWorkload.BatchRows; batch++)
            batches.Add(await Workload.BatchAsync(batch, "binary"));
        expected = await server.QueryAsync<string>(SinkWorkload.DigestSql("orders"), Workload.Source);
    }

    public override Task<RungResult> SinkAsync() =>
        OnCopyAsync(database => RunSinkAsync(database, WarmBatches * SinkWorkload.BatchRows, Workload.Changes));

    public override Task<RungResult> ScriptAsync() =>
        OnCopyAsync(database => PostgresScript.RunAsync(server, database, Workload.IsSkewed, batches, WarmBatches));

    private async Task<RungResult> OnCopyAsync(Func<string, Task<RungResult>> run)
    {
        await server.ExecuteAsync($"CREATE DATABASE run TEMPLATE {Filled} STRATEGY file_copy");
        await server.ExecuteAsync("CHECKPOINT");
        var result = await run("run");
        IsCorrect &= await server.QueryAsync<string>(SinkWorkload.DigestSql("public.orders"), "run") == expected;
        await server.ExecuteAsync("DROP DATABASE run WITH (FORCE)");
        return result;
    }
}

internal sealed class DuckDbSinkTarget(SinkWorkload workload, int warmBatches, string folder) : SinkTarget(workload, warmBatches)
{
    private readonly DuckDbScript script = new();
    private readonly List<string> batches = [];
    private readonly HashSet<string> digests = new(StringComparer.Ordinal);

    public override string Name => "duckdb";

    protected override int Port => 0;

    private string Filled => Path.Combine(folder, Workload.Name + ".duckdb");

    public override Task FillAsync() => RunSinkAsync(Filled, 0, Workload.TableRows);

    public override async Task PrepareAsync()
    {
        for (var batch = 0; batch < Workload.Changes / SinkWorkload.BatchRows; batch++)
        {
            var parquet = Path.Combine(folder, $"{Workload.Name}-{batch}.parquet");
            var csv = parquet + ".csv";
            await File.WriteAllBytesAsync(csv, await Workload.BatchAsync(batch, "csv"));
            script.ToParquet(csv, parquet);
            batches.Add(parquet);
        }
    }

    public override Task<RungResult> SinkAsync() =>
        OnCopyAsync(file => RunSinkAsync(file, WarmBatches * SinkWorkload.BatchRows, Workload.Changes));

    public override Task<RungResult> ScriptAsync() =>
        OnCopyAsync(file => Task.FromResult(script.Run(file, Workload.IsSkewed, batches, WarmBatches)));

    public override ValueTask DisposeAsync()
    {
        script.Dispose();
        return base.DisposeAsync();
    }

    // The sink's and the script's tables must be the same; the PostgreSQL target holds the workload itself to the source.
    private async Task<RungResult> OnCopyAsync(Func<string, Task<RungResult>> run)
    {
        var file = Path.Combine(folder, "run.duckdb");
        foreach (var ending in new[] { "", ".wal" })
        {
            File.Delete(file + ending);
            if (File.Exists(Filled + ending))
                File.Copy(Filled + ending, file + ending);
        }

        var result = await run(file);
        digests.Add(script.Digest(file));
        IsCorrect = digests.Count == 1;
        return result;
    }
}
