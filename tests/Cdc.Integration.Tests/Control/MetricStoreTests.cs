using System.Diagnostics.Metrics;
using Cdc.Control.Metrics;

namespace Cdc.Integration.Tests.Control;

/// <summary>Meters are seen by every store of the process, so each test looks at names of its own.</summary>
public sealed class MetricStoreTests
{
    [Fact]
    public void Counters_add_and_gauges_keep_the_last()
    {
        using var store = new MetricStore();
        using var meter = new Meter("Cdc.Tests");
        var rows = meter.CreateCounter<long>("cdc_a_rows", description: "Rows.");
        var lag = meter.CreateGauge<double>("cdc_a_lag_seconds");
        var open = meter.CreateUpDownCounter<int>("cdc_a_open");
        rows.Add(2, new KeyValuePair<string, object?>("sink", "w"));
        rows.Add(3, new KeyValuePair<string, object?>("sink", "w"));
        lag.Record(1.5);
        lag.Record(0.25);
        open.Add(5);
        open.Add(-2);

        Assert.Equal(
            """
            # HELP cdc_a_lag_seconds
            # TYPE cdc_a_lag_seconds gauge
            cdc_a_lag_seconds 0.25
            # HELP cdc_a_open
            # TYPE cdc_a_open gauge
            cdc_a_open 3
            # HELP cdc_a_rows_total Rows.
            # TYPE cdc_a_rows_total counter
            cdc_a_rows_total{sink="w"} 5

            """, TextOf(store, "cdc_a_").Replace(" \n", "\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Histograms_have_cumulative_buckets_at_the_advised_bounds()
    {
        using var store = new MetricStore();
        using var meter = new Meter("Cdc.Tests");
        var sizes = meter.CreateHistogram("cdc_b_rows", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [10, 100] });
        foreach (var size in (long[])[1, 10, 11, 1000])
            sizes.Record(size, new KeyValuePair<string, object?>("table", "t"));

        Assert.Equal(
            """
            # HELP cdc_b_rows
            # TYPE cdc_b_rows histogram
            cdc_b_rows_bucket{table="t",le="10"} 2
            cdc_b_rows_bucket{table="t",le="100"} 3
            cdc_b_rows_bucket{table="t",le="+Inf"} 4
            cdc_b_rows_sum{table="t"} 1022
            cdc_b_rows_count{table="t"} 4

            """, TextOf(store, "cdc_b_").Replace(" \n", "\n", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_no_longer_observed_disappears()
    {
        using var store = new MetricStore();
        using var meter = new Meter("Cdc.Tests");
        var tables = new List<string> { "a", "b" };
        meter.CreateObservableGauge("cdc_c_rows",
            () => tables.Select(table => new Measurement<long>(7, new KeyValuePair<string, object?>("table", table))));

        Assert.Contains("cdc_c_rows{table=\"a\"} 7", TextOf(store, "cdc_c_"), StringComparison.Ordinal);
        tables.Remove("a");
        Assert.DoesNotContain("table=\"a\"", TextOf(store, "cdc_c_"), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_labels_are_escaped_and_one_set_of_labels_is_one_series()
    {
        using var store = new MetricStore();
        using var meter = new Meter("Cdc.Tests");
        var rows = meter.CreateCounter<int>("cdc.d-rows");
        rows.Add(1, new("table", "a\"\\\nb"), new("0 sink", null));
        rows.Add(1, new("0 sink", null), new("table", "a\"\\\nb"));

        Assert.Contains("cdc_d_rows_total{_0_sink=\"\",table=\"a\\\"\\\\\\nb\"} 2\n", TextOf(store, "cdc_d_"), StringComparison.Ordinal);
    }

    [Fact]
    public void Series_are_bounded_and_nothing_is_lost_beyond()
    {
        using var store = new MetricStore();
        using var meter = new Meter("Cdc.Tests");
        var rows = meter.CreateCounter<int>("cdc_e_rows");
        for (var table = 0; table < MetricFamily.MaxSeries + 50; table++)
            rows.Add(1, new KeyValuePair<string, object?>("table", table));

        var lines = TextOf(store, "cdc_e_").TrimEnd('\n').Split('\n');
        Assert.Equal(MetricFamily.MaxSeries + 1 + 2, lines.Length);
        Assert.Contains("cdc_e_rows_total{overflow=\"true\"} 50", lines);
    }

    [Fact]
    public void Meters_of_others_are_not_told_and_one_name_of_two_meters_is_one_family()
    {
        using var store = new MetricStore();
        using var foreign = new Meter("System.Tests");
        using var first = new Meter("Cdc.One");
        using var second = new Meter("Cdc.Two");
        foreign.CreateCounter<int>("cdc_f_foreign").Add(1);
        first.CreateCounter<int>("cdc_f_rows").Add(1);
        second.CreateCounter<int>("cdc_f_rows").Add(1);

        Assert.Equal("# HELP cdc_f_rows_total \n# TYPE cdc_f_rows_total counter\ncdc_f_rows_total 2\n", TextOf(store, "cdc_f_"));
    }

    private static string TextOf(MetricStore store, string prefix) =>
        string.Concat(store.WriteText().Split('\n').Where(line => line.Contains(prefix, StringComparison.Ordinal))
            .Select(line => line + "\n"));
}
