using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cdc.Control.Metrics;

/// <summary>What every process tells of itself.</summary>
public sealed class ProcessMetrics : IDisposable
{
    private readonly Meter meter = new("Cdc.Process");

    /// <param name="version">The program's version.</param>
    public ProcessMetrics(string version)
    {
        meter.CreateObservableGauge("cdc_build_info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", version)),
            description: "Always 1; the label is the program's version.");
        meter.CreateObservableGauge("cdc_process_resident_bytes", () => Environment.WorkingSet,
            description: "Resident memory of the process.");
        meter.CreateObservableGauge("cdc_process_heap_bytes", () => GC.GetTotalMemory(false), description: "Memory of managed objects.");
        meter.CreateObservableCounter("cdc_process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds,
            description: "Processor time used.");
        var started = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("cdc_process_start_timestamp_seconds", () => started,
            description: "When the process started, in seconds since 1970.");
    }

    public void Dispose() => meter.Dispose();
}
