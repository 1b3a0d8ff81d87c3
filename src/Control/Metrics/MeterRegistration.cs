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

    // Room for two thousand series is made for each instrument; those of others have a few.
    private static readonly MetricStreamConfiguration FewSeries = new() { CardinalityLimit = 100 };

    /// <param name="services">Those of a host.</param>
    /// <param name="version">The program's version.</param>
    public static IServiceCollection AddMeters(this IServiceCollection services, string version)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("cdc", serviceVersion: version))
            .WithMetrics(Configure);
        return services;
    }

    private static void Configure(MeterProviderBuilder metrics)
    {
        metrics.AddMeter(OwnMeters + "*").AddRuntimeInstrumentation().AddProcessInstrumentation();
        metrics.AddView(instrument => instrument.Meter.Name.StartsWith(OwnMeters, StringComparison.Ordinal) ? null : FewSeries);
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
