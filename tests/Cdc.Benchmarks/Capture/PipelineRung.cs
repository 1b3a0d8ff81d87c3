using Cdc.Benchmarks.Running;
using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Benchmarks.Capture;

/// <summary>Capture as it runs in production, into a log that discards or into the embedded one on disk.</summary>
internal static class PipelineRung
{
    private const string Prefix = "bench";

    public static async Task<RungResult> RunAsync(CaptureSettings settings, bool embedded)
    {
        await MeasureAsync(settings, settings.WarmSlot, settings.Warming, embedded);
        await Waiting.ForCompilerAsync();
        return await MeasureAsync(settings, settings.Slot, settings.Changes, embedded);
    }

    private static Task<RungResult> MeasureAsync(CaptureSettings settings, string slot, long changes, bool embedded) =>
        embedded ? EmbeddedAsync(settings, slot, changes) : DiscardingAsync(settings, slot, changes);

    private static async Task<RungResult> DiscardingAsync(CaptureSettings settings, string slot, long changes)
    {
        var registry = new MemoryRegistry();
        var digest = settings.Verify ? new RecordDigest(registry) : null;
        await using var log = new DiscardingLog(digest);
        var result = await CaptureAsync(settings, slot, changes, log, registry);
        return result with { Digest = digest?.Sum ?? 0 };
    }

    private static async Task<RungResult> EmbeddedAsync(CaptureSettings settings, string slot, long changes)
    {
        var folder = Path.Combine(settings.Folder, slot);
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(folder);
        var result = await CaptureAsync(settings, slot, changes, log, registry);
        return settings.Verify ? result with { Digest = await RecordDigest.OfAsync(log, registry) } : result;
    }

    private static async Task<RungResult> CaptureAsync(
        CaptureSettings settings, string slot, long changes, ITopicLog log, ISchemaRegistry registry)
    {
        await SeedAsync(settings, slot, log);
        var counting = new CountingLog(log, CaptureWorkload.RecordsOf(changes));
        var options = new CaptureOptions
        {
            Name = Prefix,
            TopicPrefix = Prefix,
            Tables = ["public.orders"],
            Postgres = settings.Source(slot),
            Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never },
        };
        using var stopping = new CancellationTokenSource();
        var meter = new Meter();
        var running = new CaptureRole(options, counting, registry, TimeProvider.System, NullLogger.Instance).RunAsync(stopping.Token);
        await await Task.WhenAny(running, counting.Reached);
        var result = meter.Stop(changes);
        await stopping.CancelAsync();
        await running;
        if (changes == settings.Changes && counting.Count != CaptureWorkload.RecordsOf(changes))
            throw new InvalidOperationException(
                $"{counting.Count} records were captured, expected were {CaptureWorkload.RecordsOf(changes)}.");
        return result;
    }

    /// <summary>The log already follows the slot, so that capture continues with it and reads no table.</summary>
    private static async Task SeedAsync(CaptureSettings settings, string slot, ITopicLog log)
    {
        await using var connection = await ReplicationConnection.OpenAsync(settings.Source(slot), "bench", TimeProvider.System,
            CancellationToken.None);
        var server = await connection.IdentifySystemAsync(CancellationToken.None);
        var answer = await connection.QueryAsync(
            $"SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '{slot}'", CancellationToken.None);
        var start = answer.Single("confirmed_flush_lsn")!;
        var position = new PostgresPosition(server.SystemId, server.Timeline, start, Xid: 0, CommittedAt: 0, Cut: null);
        CheckpointEntry[] entries =
        [
            new(CheckpointKeys.Position, position.ToSourcePosition().ToString()),
            new(CheckpointKeys.Allowed, start),
        ];
        await using var writer = await log.OpenWriterAsync(Prefix, CancellationToken.None);
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => entries, CancellationToken.None);
    }
}
