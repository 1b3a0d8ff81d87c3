using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Cdc.Control.Metrics;

/// <summary>
/// What <c>/metrics</c> answers: all meters in Prometheus' text format, or in OpenMetrics where the scraper asks for it. Opening it takes a
/// tenth of a second of processor time, so a process does that when it has started all else.
/// </summary>
/// <param name="services">Those that <see cref="MeterRegistration.AddMeters"/> registered with.</param>
public sealed class MetricsFeed(IServiceProvider services) : IAsyncDisposable
{
    private readonly Lazy<Task<RequestDelegate>> opening = new(() => Task.Run(() => Open(services)));

    /// <summary>Opens it in the background, if nobody has asked for it yet. Measurements count from the end of that on.</summary>
    public Task OpenAsync() => opening.Value;

    public async Task AnswerAsync(HttpContext context) => await (await opening.Value)(context);

    /// <summary>The services may go once this is done.</summary>
    public async ValueTask DisposeAsync()
    {
        if (opening.IsValueCreated)
            await ((Task)opening.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static RequestDelegate Open(IServiceProvider services)
    {
        var application = new ApplicationBuilder(services);
        application.UseOpenTelemetryPrometheusScrapingEndpoint(
            services.GetRequiredService<MeterProvider>(), predicate: _ => true, path: null, configureBranchedPipeline: null,
            optionsName: null);
        return application.Build();
    }
}
