using System.Diagnostics.Metrics;

namespace Cdc.Sink;

/// <summary>A sink's instruments: read off its progress whenever somebody asks.</summary>
public sealed class SinkMetrics : IDisposable
{
    public const string MeterName = "Cdc.Sink";
    public const string Changes = "cdc_sink_changes_total";
    public const string LastCommit = "cdc_sink_last_commit_timestamp_seconds";
    public const string StoppedTables = "cdc_sink_stopped_tables";
    public const string Waiting = "cdc_sink_waiting";

    private readonly Meter meter = new(MeterName);

    public SinkMetrics(string sink, SinkRole role)
    {
        KeyValuePair<string, object?>[] labels = [new("sink", sink)];
        var progress = role.Progress;
        meter.CreateObservableCounter(Changes, () => new Measurement<long>(progress.Changes, labels),
            description: "Changes applied since the process began.");
        meter.CreateObservableGauge(LastCommit, () => new Measurement<double>(progress.LastCommit / 1e6, labels),
            description: "When the source committed the newest change that is applied, seconds since 1970; 0 for none yet.");
        meter.CreateObservableGauge(StoppedTables, () => new Measurement<long>(progress.Topics.Count(topic => progress.TroubleOf(topic) is not null), labels),
            description: "Tables that stand still.");
        meter.CreateObservableGauge(Waiting, () => new Measurement<long>(progress.Waiting is null ? 0 : 1, labels),
            description: "1 while the target is waited for.");
    }

    public void Dispose() => meter.Dispose();
}
