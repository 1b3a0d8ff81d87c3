using System.Diagnostics.Metrics;
using Cdc.Sink.Consuming;

namespace Cdc.Sink;

/// <summary>A sink's instruments: read off its progress whenever somebody asks, and told of each batch.</summary>
public sealed class SinkMetrics : IDisposable
{
    public const string MeterName = "Cdc.Sink";
    public const string Changes = "cdc_sink_changes_total";
    public const string BatchRows = "cdc_sink_batch_rows";
    public const string FlushSeconds = "cdc_sink_flush_seconds";
    public const string LagSeconds = "cdc_sink_lag_seconds";
    public const string LagRecords = "cdc_sink_lag_records";
    public const string LastCommit = "cdc_sink_last_commit_timestamp_seconds";
    public const string StoppedTables = "cdc_sink_stopped_tables";
    public const string Waiting = "cdc_sink_waiting";
    public const string Errors = "cdc_sink_errors_total";

    private readonly Meter meter = new(MeterName);
    private readonly KeyValuePair<string, object?> label;

    public SinkMetrics(string sink, SinkRole role)
    {
        label = new("sink", sink);
        var progress = role.Progress;
        CreateOfBatches(progress);
        meter.CreateObservableCounter(Changes, () => Of<long>(progress.Changes),
            description: "Changes applied since the process started, by sink.");
        meter.CreateObservableGauge(LagSeconds, () => Of(progress.Lag?.TotalSeconds),
            description: "How long the oldest record of the log has waited for the target, by sink. 0 if nothing waits. Stopped tables " +
                "do not count.");
        meter.CreateObservableGauge(LagRecords, () => Of(progress.LagRecords),
            description: "Records of the log that are not yet applied, by sink. Stopped tables do not count.");
        meter.CreateObservableGauge(LastCommit, () => Of<double>(progress.LastCommit / 1e6),
            description: "When the source committed the newest applied change, in seconds since 1970, by sink. 0 if there is none yet.");
        meter.CreateObservableGauge(StoppedTables,
            () => Of<long>(progress.Topics.LongCount(topic => progress.TroubleOf(topic) is not null)),
            description: "Stopped tables, by sink.");
        meter.CreateObservableGauge(Waiting, () => Of<long>(progress.Waiting is null ? 0 : 1),
            description: "1 while the sink waits for the target, by sink.");
        meter.CreateObservableCounter(Errors,
            () => progress.Errors.Select(error => new Measurement<long>(error.Value, label, new("kind", error.Key.ToString()))),
            description: "Errors, including those that passed, by sink and kind.");
    }

    public void Dispose() => meter.Dispose();

    private void CreateOfBatches(SinkProgress progress)
    {
        var rows = meter.CreateHistogram(BatchRows, description: "Changes in a batch, by sink.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries =
            [
                1, 10, 100, 1_000, 5_000, 10_000, 50_000, 100_000, 1_000_000,
            ] });
        var seconds = meter.CreateHistogram<double>(FlushSeconds,
            description: "How long the target took for a batch, from the first statement to the commit, by sink.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600],
            });
        progress.OnApplied = (changes, took) =>
        {
            rows.Record(changes, label);
            seconds.Record(took.TotalSeconds, label);
        };
    }

    private IEnumerable<Measurement<T>> Of<T>(T? value)
        where T : struct => value is { } known ? [new Measurement<T>(known, label)] : [];
}
