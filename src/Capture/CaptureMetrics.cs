using System.Diagnostics.Metrics;

namespace Cdc.Capture;

/// <summary>A capture's instruments: read off its progress whenever somebody asks.</summary>
public sealed class CaptureMetrics : IDisposable
{
    public const string MeterName = "Cdc.Capture";
    public const string Records = "cdc_capture_records_total";
    public const string Streaming = "cdc_capture_streaming";
    public const string StoppedTables = "cdc_capture_stopped_tables";

    private readonly Meter meter = new(MeterName);

    public CaptureMetrics(string source, CaptureRole role)
    {
        KeyValuePair<string, object?>[] labels = [new("source", source)];
        var progress = role.Progress;
        meter.CreateObservableCounter(Records, () => new Measurement<long>(progress.Records, labels),
            description: "Records durable in the log since the process began.");
        meter.CreateObservableGauge(Streaming, () => new Measurement<long>(progress.IsStreaming ? 1 : 0, labels),
            description: "1 while a session streams from the source.");
        meter.CreateObservableGauge(StoppedTables, () => new Measurement<long>(progress.Tables.Values.Count(reason => reason is not null), labels),
            description: "Tables that stand still until they are read again.");
    }

    public void Dispose() => meter.Dispose();
}
