using Cdc.Benchmarks.Capture;
using Cdc.Benchmarks.Latency;
using Cdc.Benchmarks.Running;
using Cdc.Benchmarks.Sinks;
using Cdc.Benchmarks.Snapshots;

namespace Cdc.Benchmarks;

/// <summary>
/// What runs in a process of its own. The rungs of capture go from the socket upward; each does what the one before does, and one thing
/// more.
/// </summary>
internal static class Rungs
{
    public static Task<RungResult> RunAsync(string rung, string settings) => rung switch
    {
        "read" => StreamRung.RunAsync(CaptureSettings.Parse(settings), decode: false),
        "decode" => StreamRung.RunAsync(CaptureSettings.Parse(settings), decode: true),
        "encode" => PipelineRung.RunAsync(CaptureSettings.Parse(settings), embedded: false),
        "embedded" => PipelineRung.RunAsync(CaptureSettings.Parse(settings), embedded: true),
        "snapshot" => SnapshotRung.RunAsync(SnapshotSettings.Parse(settings)),
        "latency" => LatencyRung.RunAsync(LatencySettings.Parse(settings)),
        "sink" => SinkRung.RunAsync(SinkSettings.Parse(settings)),
        _ => throw new ArgumentOutOfRangeException(nameof(rung), rung, "No rung."),
    };
}
