using System.Diagnostics.Metrics;

namespace Cdc.Integration.Tests.Control;

/// <summary>Meters are seen by every scraper of the process, so each test looks at names of its own.</summary>
public sealed class MeterRegistrationTests
{
    [Fact]
    public async Task Counters_add_and_gauges_keep_the_last_and_names_stay()
    {
        await using var scraper = await Scraper.StartAsync();
        using var meter = new Meter("Cdc.Tests");
        var rows = meter.CreateCounter<long>("cdc_a_rows_total", description: "Rows.");
        var lag = meter.CreateGauge<double>("cdc_a_lag_seconds");
        var open = meter.CreateUpDownCounter<int>("cdc_a_open");
        rows.Add(2, new KeyValuePair<string, object?>("sink", "w"));
        rows.Add(3, new KeyValuePair<string, object?>("sink", "w"));
        lag.Record(1.5);
        lag.Record(0.25);
        open.Add(5);
        open.Add(-2);

        Assert.Equal(
            [
                "# TYPE cdc_a_lag_seconds gauge",
                "cdc_a_lag_seconds{} 0.25",
                "# TYPE cdc_a_open gauge",
                "cdc_a_open{} 3",
                "# TYPE cdc_a_rows_total counter",
                "# HELP cdc_a_rows_total Rows.",
                "cdc_a_rows_total{sink=\"w\"} 5",
            ],
            await scraper.LinesAsync("cdc_a_"));
    }

    [Fact]
    public async Task Histograms_have_cumulative_buckets_at_the_advised_bounds()
    {
        await using var scraper = await Scraper.StartAsync();
        using var meter = new Meter("Cdc.Tests");
        var sizes = meter.CreateHistogram("cdc_b_rows", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [10, 100] });
        foreach (var size in (long[])[1, 10, 11, 1000])
            sizes.Record(size, new KeyValuePair<string, object?>("table", "t"));

        Assert.Equal(
            [
                "# TYPE cdc_b_rows histogram",
                "cdc_b_rows_bucket{table=\"t\",le=\"10\"} 2",
                "cdc_b_rows_bucket{table=\"t\",le=\"100\"} 3",
                "cdc_b_rows_bucket{table=\"t\",le=\"+Inf\"} 4",
                "cdc_b_rows_sum{table=\"t\"} 1022",
                "cdc_b_rows_count{table=\"t\"} 4",
            ],
            await scraper.LinesAsync("cdc_b_"));
    }

    [Fact]
    public async Task What_is_no_longer_observed_disappears()
    {
        await using var scraper = await Scraper.StartAsync();
        using var meter = new Meter("Cdc.Tests");
        var tables = new List<string> { "a", "b" };
        meter.CreateObservableGauge(
            "cdc_c_rows", () => tables.Select(table => new Measurement<long>(7, new KeyValuePair<string, object?>("table", table))));
        meter.CreateObservableCounter(
            "cdc_c_total", () => tables.Select(table => new Measurement<long>(7, new KeyValuePair<string, object?>("table", table))));

        Assert.Contains("cdc_c_rows{table=\"a\"} 7", await scraper.LinesAsync("cdc_c_"));
        tables.Remove("a");
        var left = await scraper.LinesAsync("cdc_c_");
        Assert.DoesNotContain(left, line => line.Contains("table=\"a\"", StringComparison.Ordinal));
        Assert.Contains("cdc_c_total{table=\"b\"} 7", left);
    }

    [Fact]
    public async Task Hostile_labels_are_escaped_and_one_set_of_labels_is_one_series()
    {
        await using var scraper = await Scraper.StartAsync();
        using var meter = new Meter("Cdc.Tests");
        var rows = meter.CreateCounter<int>("cdc_d_rows_total");
        rows.Add(1, new("table", "a\"\\\nb"), new("sink", ""));
        rows.Add(1, new("sink", ""), new("table", "a\"\\\nb"));

        var line = Assert.Single(await scraper.LinesAsync("cdc_d_"), line => !line.StartsWith('#'));
        Assert.Contains("table=\"a\\\"\\\\\\nb\"", line, StringComparison.Ordinal);
        Assert.EndsWith("} 2", line, StringComparison.Ordinal);
    }

    // Invariant 7
    [Fact]
    public async Task Invariant_7_series_are_bounded_and_nothing_is_lost_beyond()
    {
        await using var scraper = await Scraper.StartAsync();
        using var meter = new Meter("Cdc.Tests");
        var rows = meter.CreateCounter<int>("cdc_e_rows_total");
        for (var table = 0; table < 3_000; table++)
            rows.Add(1, new KeyValuePair<string, object?>("table", table));

        var series = (await scraper.LinesAsync("cdc_e_")).Where(line => !line.StartsWith('#')).ToList();
        Assert.InRange(series.Count, 400, 501);
        Assert.Equal(3_000, series.Sum(line => int.Parse(line.Split(' ')[^1], null)));
        Assert.Single(series, line => line.Contains("overflow=\"true\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_of_many_tables_has_a_series_of_its_own()
    {
        await using var scraper = await Scraper.StartAsync();
        using var meter = new Meter("Cdc.Tests");
        meter.CreateObservableGauge(
            Scraper.PerTable,
            () => Enumerable.Range(0, 20_000).Select(table => new Measurement<long>(1, new KeyValuePair<string, object?>("table", table))));

        var series = (await scraper.LinesAsync(Scraper.PerTable)).Where(line => !line.StartsWith('#')).ToList();
        Assert.Equal(20_000, series.Count);
        Assert.DoesNotContain(series, line => line.Contains("overflow", StringComparison.Ordinal));
    }

    /// <summary>There is a meter for each source and each sink.</summary>
    [Fact]
    public async Task Meters_of_others_are_not_told_and_those_of_one_name_are_one_family()
    {
        await using var scraper = await Scraper.StartAsync();
        using var foreign = new Meter("System.Tests");
        using var first = new Meter("Cdc.Tests");
        using var second = new Meter("Cdc.Tests");
        foreign.CreateCounter<int>("cdc_f_foreign").Add(1);
        first.CreateObservableCounter("cdc_f_rows_total", () => new Measurement<int>(1, new KeyValuePair<string, object?>("source", "a")));
        second.CreateObservableCounter("cdc_f_rows_total", () => new Measurement<int>(2, new KeyValuePair<string, object?>("source", "b")));

        var lines = await scraper.LinesAsync("cdc_f_");
        Assert.Equal(3, lines.Count);
        Assert.Equal("# TYPE cdc_f_rows_total counter", lines[0]);
        Assert.Equal(
            ["cdc_f_rows_total{source=\"a\"} 1", "cdc_f_rows_total{source=\"b\"} 2"], lines.Skip(1).Order(StringComparer.Ordinal));
    }
}
