using System.Diagnostics.Metrics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport;

/// <summary>The embedded log's instruments.</summary>
public sealed class LogMetrics : IDisposable
{
    public const string MeterName = "Cdc.Transport";
    public const string SizeBytes = "cdc_log_size_bytes";

    private readonly Meter meter = new(MeterName);

    public LogMetrics(EmbeddedLog log) =>
        meter.CreateObservableGauge(SizeBytes, () => log.SizeBytes, description: "Size of the embedded log on disk.");

    public void Dispose() => meter.Dispose();
}
