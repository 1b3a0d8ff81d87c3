using Cdc.Benchmarks.Capture;
using Cdc.Benchmarks.Latency;
using Cdc.Benchmarks.Memory;
using Cdc.Benchmarks.Running;
using Cdc.Benchmarks.Sinks;
using Cdc.Benchmarks.Snapshots;

namespace Cdc.Benchmarks;

/// <summary>The measures by name, in the order of the whole run.</summary>
internal static class Measures
{
    private static readonly (string Name, Func<BenchOptions, Report, Task> Run)[] All =
    [
        ("capture", CaptureMeasure.RunAsync),
        ("snapshot", SnapshotMeasure.RunAsync),
        ("sink", SinkMeasure.RunAsync),
        ("latency", LatencyMeasure.RunAsync),
        ("memory", MemoryMeasure.RunAsync),
        ("largest", LargestMeasure.RunAsync),
    ];

    public static IEnumerable<string> Names => All.Select(measure => measure.Name);

    public static IEnumerable<Func<BenchOptions, Report, Task>> Of(BenchOptions options) =>
        All.Where(measure => options.Measure == "all" || options.Measure == measure.Name).Select(measure => measure.Run);
}
