using Cdc.Benchmarks.Capture;
using Cdc.Benchmarks.Running;
using Cdc.Capture;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Benchmarks.Snapshots;

/// <summary>Capture from its first start until a table is read, into a log that discards or into the embedded one on disk.</summary>
internal static class SnapshotRung
{
    public static async Task<RungResult> RunAsync(SnapshotSettings settings)
    {
        await MeasureAsync(settings, SnapshotSettings.WarmTable, settings.WarmRows);
        await Waiting.ForCompilerAsync();
        return await MeasureAsync(settings, SnapshotSettings.Table, settings.Rows);
    }

    private static async Task<RungResult> MeasureAsync(SnapshotSettings settings, string table, long rows)
    {
        if (settings.Folder is null)
        {
            var memory = new MemoryRegistry();
            var sum = settings.Verify ? new RecordDigest(memory) : null;
            await using var discarding = new DiscardingLog(sum);
            return await ReadAsync(settings, table, rows, discarding, memory) with { Digest = sum?.Sum ?? 0 };
        }

        var folder = Path.Combine(settings.Folder, table);
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(folder);
        var result = await ReadAsync(settings, table, rows, log, registry);
        return settings.Verify ? result with { Digest = await RecordDigest.OfAsync(log, registry) } : result;
    }

    private static async Task<RungResult> ReadAsync(
        SnapshotSettings settings, string table, long rows, ITopicLog log, ISchemaRegistry registry)
    {
        var counting = new CountingLog(log, rows);
        var options = new CaptureOptions
        {
            Name = table,
            TopicPrefix = table,
            Tables = [$"public.{table}"],
            Postgres = settings.Source(table),
            Snapshot = new SnapshotOptions { Mode = SnapshotMode.Only },
        };
        var meter = new Meter();
        await new CaptureRole(options, counting, registry, TimeProvider.System, NullLogger.Instance).RunAsync(CancellationToken.None);
        return counting.Count == rows
            ? meter.Stop(rows)
            : throw new InvalidOperationException($"{counting.Count} records were captured, expected were {rows}.");
    }
}
