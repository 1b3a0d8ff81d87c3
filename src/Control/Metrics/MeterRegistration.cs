using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Cdc.Control.Metrics;

/// <summary>
/// Which meters a process tells of: its own, the runtime's and the process'. Who scrapes is answered by <see cref="MetricsFeed"/>. Where
/// the environment names an OpenTelemetry collector, the same is sent there, and the usual <c>OTEL_</c> variables hold.
/// </summary>
public static class MeterRegistration
{
    /// <summary>The variable that names the collector.</summary>
    public const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string OwnMeters = "Cdc.";

    // Each instrument gets memory for all its series at once: 2000 if nobody says otherwise. What goes beyond is summed up in one series
    // that names nobody, so an instrument that tells of tables has room for more tables than a database has.
    private static readonly MetricStreamConfiguration OfTables = new() { CardinalityLimit = 50_000 };
    private static readonly MetricStreamConfiguration OfSourcesAndSinks = new() { CardinalityLimit = 500 };
    private static readonly MetricStreamConfiguration OfOthers = new() { CardinalityLimit = 100 };

    /// <param name="services">Those of a host.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="perTable">Instruments that have a series for each table.</param>
    public static IServiceCollection AddMeters(this IServiceCollection services, string version, params IReadOnlyList<string> perTable)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("cdc", serviceVersion: version))
            .WithMetrics(metrics => Configure(metrics, perTable));
        return services;
    }

    private static void Configure(MeterProviderBuilder metrics, IReadOnlyList<string> perTable)
    {
        metrics.AddMeter(OwnMeters + "*").AddRuntimeInstrumentation().AddProcessInstrumentation();
        metrics.AddView(instrument => !instrument.Meter.Name.StartsWith(OwnMeters, StringComparison.Ordinal) ? OfOthers
            : perTable.Contains(instrument.Name, StringComparer.Ordinal) ? OfTables : OfSourcesAndSinks);
        metrics.AddPrometheusExporter(options =>
        {
            // Labels are those of the page of metrics and no more; what is told is as it is now.
            options.ScopeInfoEnabled = false;
            options.TargetInfoEnabled = false;
            options.ScrapeResponseCacheDurationMilliseconds = 0;
        });
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Collector)))
            metrics.AddOtlpExporter();
    }
}
