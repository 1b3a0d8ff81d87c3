using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Benchmarks.Capture;

/// <summary>Capture of one source in this process, for as long as it takes to get so many records into a log.</summary>
internal static class RunningCapture
{
    public static async Task UntilAsync(
        PostgresOptions source, ITopicLog log, ISchemaRegistry registry, string prefix, string table, long records)
    {
        var counting = new CountingLog(log, records);
        var options = new CaptureOptions
        {
            Name = prefix,
            TopicPrefix = prefix,
            Tables = [table],
            Postgres = source,
            Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never },
        };
        using var stopping = new CancellationTokenSource();
        var running = new CaptureRole(options, counting, registry, TimeProvider.System, NullLogger.Instance).RunAsync(stopping.Token);
        await await Task.WhenAny(running, counting.Reached);
        await stopping.CancelAsync();
        await running;
    }
}
