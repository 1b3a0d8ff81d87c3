using Cdc.Control.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Cdc.Cli.Commands;

/// <summary>
/// Sends the meters to an OpenTelemetry collector where the environment names one; the usual <c>OTEL_</c> variables hold.
/// </summary>
internal static class OtlpExport
{
    /// <summary>The variable that names the collector.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static IDisposable? StartWhereConfigured() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint))
            ? null
            : Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(resource => resource.AddService("cdc", serviceVersion: VersionCommand.Version))
                .AddMeter(MetricStore.MeterPrefix + "*")
                .AddOtlpExporter()
                .Build();
}
