using System.Text;
using Cdc.Control.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Cdc.Integration.Tests.Control;

/// <summary>Asks for the metrics of this process as Prometheus does.</summary>
internal sealed class Scraper : IAsyncDisposable
{
    /// <summary>An instrument that is registered as one that tells of tables.</summary>
    public const string PerTable = "cdc_g_rows";

    private readonly ServiceProvider services = new ServiceCollection().AddMeters("0.0.0", PerTable).BuildServiceProvider();
    private readonly MetricsFeed feed;

    private Scraper() => feed = new MetricsFeed(services);

    public static async Task<Scraper> StartAsync()
    {
        var scraper = new Scraper();
        await scraper.feed.OpenAsync();
        return scraper;
    }

    /// <summary>The lines about names that begin so.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(string prefix)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        await feed.AnswerAsync(context);
        Assert.Equal(StatusCodes.Status200OK, context.Response.StatusCode);
        return
        [
            .. Encoding.UTF8.GetString(body.ToArray()).Split('\n')
                .Where(line => line.Split(' ').Any(word => word.StartsWith(prefix, StringComparison.Ordinal))),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await feed.DisposeAsync();
        await services.DisposeAsync();
    }
}
