using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Control.Metrics;
using Cdc.Integration.Tests.Control;
using Cdc.Sink;
using Cdc.Testing;
using Cdc.Transport;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Integration.Tests.Pages;

public sealed class MetricsPageTests
{
    [Fact]
    public async Task The_page_of_metrics_is_as_the_meters_have_them()
    {
        var page = new StringBuilder("""
            # Metrics

            `GET /metrics` answers in the Prometheus text format. If the environment names a collector (`OTEL_EXPORTER_OTLP_ENDPOINT`),
            the same metrics are sent there by OTLP. Labels are names of sources, sinks, tables and kinds of errors. They are never keys
            or values. This page is generated from the program.

            A metric by table has room for 50,000 tables, all others for 500 series. What goes beyond is summed up in one series with the
            label `otel_metric_overflow="true"`.

            Alert on these:

            * `cdc_capture_lag_seconds` and `cdc_sink_lag_seconds` above what you promised,
            * `cdc_capture_streaming` at 0 for some minutes,
            * `cdc_capture_retained_bytes` near the source's `max_slot_wal_keep_size` or its free disk space,
            * any `…_stopped_tables` above 0.

            | metric | sort | meaning |
            |---|---|---|

            """);
        foreach (var instrument in (await InstrumentsAsync()).OrderBy(instrument => instrument.Name, StringComparer.Ordinal))
            page.Append(CultureInfo.InvariantCulture, $"| `{instrument.Name}` | {SortOf(instrument)} | {instrument.Description} |\n");
        page.Append("""

            What .NET tells of its runtime, and OpenTelemetry of the process, under their own names:

            | metric | sort | meaning |
            |---|---|---|

            """);
        foreach (var (name, sort, meaning) in await OthersAsync())
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {sort} | {meaning} |\n");

        GeneratedPage.Expect("metrics.md", page.ToString());
    }

    [Fact]
    public async Task Every_metric_is_named_by_noun_and_unit_and_described()
    {
        foreach (var instrument in await InstrumentsAsync())
        {
            Assert.Matches("^cdc_[a-z]+(_[a-z]+)+$", instrument.Name);
            Assert.Equal(SortOf(instrument) == "counter", instrument.Name.EndsWith("_total", StringComparison.Ordinal));
            Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
        }
    }

    /// <summary>Else they would have room for a few hundred tables.</summary>
    [Fact]
    public async Task Every_metric_that_tells_of_each_table_is_registered_as_one() =>
        Assert.Equal(
            CaptureMetrics.PerTable,
            (await InstrumentsAsync()).Where(instrument => instrument.Description!.Contains("and table.", StringComparison.Ordinal))
                .Select(instrument => instrument.Name));

    private static async Task<IReadOnlyList<(string Name, string Sort, string Meaning)>> OthersAsync()
    {
        await using var scraper = await Scraper.StartAsync();
        try
        {
            throw new TimeoutException(); // Counted from the first on.
        }
        catch (TimeoutException)
        {
            // It is.
        }

        var lines = (await scraper.LinesAsync("dotnet_")).Concat(await scraper.LinesAsync("process_")).ToList();
        var meanings = lines.Where(line => line.StartsWith("# HELP ", StringComparison.Ordinal))
            .Select(line => line.Split(' ', 4)).ToDictionary(words => words[2], words => words[3], StringComparer.Ordinal);
        return
        [
            .. lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' '))
                .Select(words => (words[2], words[3], meanings.GetValueOrDefault(words[2], ""))),
        ];
    }

    private static async Task<IReadOnlyCollection<Instrument>> InstrumentsAsync()
    {
        var found = new Dictionary<string, Instrument>(StringComparer.Ordinal);
        string[] meters = [CaptureMetrics.MeterName, SinkMetrics.MeterName, LogMetrics.MeterName, "Cdc.Process"];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                lock (found)
                {
                    if (meters.Contains(instrument.Meter.Name, StringComparer.Ordinal))
                        found.TryAdd(instrument.Name, instrument);
                }
            },
        };
        listener.Start();
        using var folder = new TemporaryFolder();
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder.Path }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(folder.Path);
        var options = new CaptureOptions { Name = "shop", Postgres = new PostgresOptions { Host = "db", Database = "shop", User = "cdc" } };
        using var capture = new CaptureMetrics("shop", new CaptureRole(options, log, registry, TimeProvider.System, NullLogger.Instance));
        using var sink = new SinkMetrics("warehouse", new SinkRole(
            new SinkOptions { Name = "warehouse" }, log, registry, () => throw new InvalidOperationException("Nothing is written."),
            TimeProvider.System, NullLogger.Instance));
        using var size = new LogMetrics(log);
        using var process = new ProcessMetrics("0.0.0");
        lock (found)
            return [.. found.Values];
    }

    private static string SortOf(Instrument instrument) => instrument.GetType().Name switch
    {
        var name when name.Contains("Counter", StringComparison.Ordinal) => "counter",
        var name when name.StartsWith("Histogram", StringComparison.Ordinal) => "histogram",
        _ => "gauge",
    };
}
