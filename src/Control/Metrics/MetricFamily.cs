using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Cdc.Control.Metrics;

/// <summary>All series of one name. Series are bounded: beyond the bound, measurements are gathered in one series that says so.</summary>
internal sealed class MetricFamily
{
    public const int MaxSeries = 2_000;

    private const string Overflow = "overflow=\"true\"";

    // Seconds from a millisecond to ten minutes, unless the instrument advises others.
    private static readonly double[] UsualBounds =
    [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600,
    ];

    private readonly ConcurrentDictionary<string, MetricSeries> series = new(StringComparer.Ordinal);
    private readonly double[] bounds;

    public MetricFamily(string name, Instrument instrument)
    {
        Name = name;
        Kind = KindOf(instrument);
        Help = instrument.Description ?? "";
        Observed = instrument.IsObservable;
        bounds = instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised],
            Histogram<long> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(bound => (double)bound)],
            Histogram<int> { Advice.HistogramBucketBoundaries: { } advised } => [.. advised.Select(bound => (double)bound)],
            _ => UsualBounds,
        };
    }

    public string Name { get; }

    public MetricKind Kind { get; }

    public string Help { get; }

    /// <summary>Values are asked for and absolute; otherwise they are told and, but for gauges, added.</summary>
    public bool Observed { get; }

    public IEnumerable<KeyValuePair<string, MetricSeries>> Series => series.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    public static MetricKind KindOf(Instrument instrument) => instrument switch
    {
        Counter<int> or Counter<long> or Counter<double> => MetricKind.Counter,
        ObservableCounter<int> or ObservableCounter<long> or ObservableCounter<double> => MetricKind.Counter,
        Histogram<int> or Histogram<long> or Histogram<double> => MetricKind.Histogram,
        _ => MetricKind.Gauge,
    };

    /// <summary>The series of these labels; the one for all others when there are too many.</summary>
    public MetricSeries SeriesOf(string labels)
    {
        if (series.TryGetValue(labels, out var found))
            return found;
        return series.GetOrAdd(series.Count < MaxSeries ? labels : Overflow,
            _ => new MetricSeries(Kind == MetricKind.Histogram ? bounds : []));
    }

    /// <summary>Forgets what was observed before, so that what is no longer reported disappears.</summary>
    public void BeginObserving()
    {
        if (Observed)
            series.Clear();
    }
}
