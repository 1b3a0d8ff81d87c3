using System.Diagnostics.Metrics;
using Cdc.Capture.Tables;

namespace Cdc.Capture;

/// <summary>A capture's instruments: read off its progress whenever somebody asks.</summary>
public sealed class CaptureMetrics : IDisposable
{
    public const string MeterName = "Cdc.Capture";
    public const string Records = "cdc_capture_records_total";
    public const string Bytes = "cdc_capture_bytes_total";
    public const string LagSeconds = "cdc_capture_lag_seconds";
    public const string LagBytes = "cdc_capture_lag_bytes";
    public const string RetainedBytes = "cdc_capture_retained_bytes";
    public const string Streaming = "cdc_capture_streaming";
    public const string SnapshotRows = "cdc_capture_snapshot_rows";
    public const string StoppedTables = "cdc_capture_stopped_tables";
    public const string Errors = "cdc_capture_errors_total";

    /// <summary>Those that have a series for each table.</summary>
    public static IReadOnlyList<string> PerTable { get; } = [SnapshotRows];

    private readonly Meter meter = new(MeterName);
    private readonly KeyValuePair<string, object?> label;

    public CaptureMetrics(string source, CaptureRole role)
    {
        label = new("source", source);
        var progress = role.Progress;
        meter.CreateObservableCounter(Records, () => Of<long>(progress.Records),
            description: "Records made durable in the log since the process started, by source.");
        meter.CreateObservableCounter(Bytes, () => Of<long>(progress.Bytes), description: "Bytes of those records, by source.");
        meter.CreateObservableGauge(LagSeconds, () => Of(progress.Lag?.TotalSeconds),
            description: "How long the oldest change of the source has waited to be durable in the log, by source. 0 if nothing waits. " +
                "Missing until the source has answered.");
        meter.CreateObservableGauge(LagBytes, () => Of(progress.LagBytes),
            description: "Bytes of the source's write-ahead log that are not yet durable in the log, by source.");
        meter.CreateObservableGauge(RetainedBytes, () => Of(progress.Slot?.RetainedBytes),
            description: "Bytes of write-ahead log that the source keeps on its disk for the slot, by source.");
        meter.CreateObservableGauge(Streaming, () => Of<long>(progress.IsStreaming ? 1L : 0),
            description: "1 while a session streams from the source, by source.");
        meter.CreateObservableGauge(SnapshotRows,
            () => progress.Reads.Values.Select(read => new Measurement<long>(read.RowsRead, label, new("table", read.Table.ToString()))),
            description: "Rows read so far by the snapshots of tables, by source and table.");
        meter.CreateObservableGauge(StoppedTables,
            () => Of<long>(progress.Tables.Values.LongCount(table => table.State == TableState.Stopped)),
            description: "Tables that are stopped until they are read again, by source.");
        meter.CreateObservableCounter(Errors,
            () => progress.Errors.Select(error => new Measurement<long>(error.Value, label, new("kind", error.Key.ToString()))),
            description: "Errors, including those that passed, by source and kind.");
    }

    public void Dispose() => meter.Dispose();

    private IEnumerable<Measurement<T>> Of<T>(T? value)
        where T : struct => value is { } known ? [new Measurement<T>(known, label)] : [];
}
