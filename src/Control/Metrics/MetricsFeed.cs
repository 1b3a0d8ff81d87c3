using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Cdc.Control.Metrics;

/// <summary>
/// What <c>/metrics</c> answers: all meters in Prometheus' text format, or in OpenMetrics where the scraper asks for it. It is put together
/// beside what the process starts with, for it takes a while.
/// </summary>
public sealed class MetricsFeed : IAsyncDisposable
{
    private readonly Task<RequestDelegate> opening;

    /// <param name="services">Those that <see cref="MeterRegistration.AddMeters"/> registered with.</param>
    public MetricsFeed(IServiceProvider services) => opening = Task.Run(() => Open(services));

    /// <summary>From its end on every measurement counts.</summary>
    public Task Opened => opening;

    public async Task AnswerAsync(HttpContext context) => await (await opening)(context);

    /// <summary>The services may go once this is done.</summary>
    public async ValueTask DisposeAsync() => await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static RequestDelegate Open(IServiceProvider services)
    {
        var application = new ApplicationBuilder(services);
        application.UseOpenTelemetryPrometheusScrapingEndpoint(
            services.GetRequiredService<MeterProvider>(), predicate: _ => true, path: null, configureBranchedPipeline: null,
            optionsName: null);
        return application.Build();
    }
}
