using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Cdc.Control.Metrics;

/// <summary>Listens to every meter whose name begins with <c>Cdc.</c> and keeps its numbers for <c>/metrics</c>.</summary>
public sealed class MetricStore : IDisposable
{
    public const string MeterPrefix = "Cdc.";

    private readonly ConcurrentDictionary<string, MetricFamily> families = new(StringComparer.Ordinal);
    private readonly MeterListener listener = new();
    private readonly Lock gate = new();

    public MetricStore()
    {
        listener.InstrumentPublished = (instrument, asker) =>
        {
            if (instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal))
                asker.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, family) => Take(instrument, value, tags, family));
        listener.Start();
    }

    /// <summary>Everything as Prometheus' text format, version 0.0.4.</summary>
    public string WriteText()
    {
        // One at a time: observed series are cleared and asked for again.
        lock (gate)
        {
            foreach (var family in families.Values)
                family.BeginObserving();
            listener.RecordObservableInstruments();
            return PrometheusText.Write(families.Values.OrderBy(family => family.Name, StringComparer.Ordinal));
        }
    }

    public void Dispose() => listener.Dispose();

    /// <summary>Instruments of one name are one family, whichever meter has them: there is one meter for each source and sink.</summary>
    private MetricFamily FamilyOf(Instrument instrument)
    {
        var kind = MetricFamily.KindOf(instrument);
        var name = PrometheusText.NameOf(instrument.Name, kind);
        var family = families.GetOrAdd(name, key => new MetricFamily(key, instrument));
        return family.Kind == kind && family.Observed == instrument.IsObservable
            ? family
            : families.GetOrAdd($"{name}_{kind}".ToLowerInvariant(), key => new MetricFamily(key, instrument));
    }

    private static void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var family = (MetricFamily)state!;
        var series = family.SeriesOf(PrometheusText.LabelsOf(tags));
        if (family.Kind == MetricKind.Histogram)
            series.Record(value);
        else if (family.Observed || instrument is Gauge<int> or Gauge<long> or Gauge<double>)
            series.Set(value);
        else
            series.Add(value);
    }
}
