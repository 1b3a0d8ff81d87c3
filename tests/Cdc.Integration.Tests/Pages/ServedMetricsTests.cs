using System.Diagnostics;
using System.Globalization;
using Cdc.Control;
using Cdc.Integration.Tests.Commands;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Pages;

/// <summary>A process at work: what it tells a scraper is what the page of metrics says.</summary>
public sealed class ServedMetricsTests
{
    // Counted where there is something to count: a run without an error has no errors by kind.
    private static readonly string[] WhereMet = ["cdc_capture_errors_total", "cdc_sink_errors_total", "dotnet_exceptions_total"];

    [Fact]
    public async Task Names_and_sorts_that_a_run_serves_are_those_of_the_page()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)", "source");
        var port = server.Port.ToString(CultureInfo.InvariantCulture);
        using var folder = new ConfigurationFolder($$"""
            name: shop
            log: { embedded: { path: ./log } }
            sources: { shop: { postgres: { host: 127.0.0.1, port: {{port}}, database: source, user: postgres, create: true } } }
            sinks: { warehouse: { postgres: { host: 127.0.0.1, port: {{port}}, database: target, user: postgres } } }
            http: { port: 0 }
            """);
        var expected = Documented().Where(metric => !WhereMet.Contains(metric.Name, StringComparer.Ordinal)).ToList();
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "cdc.dll"), "run", folder.File];
        var missing = expected;
        using var run = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        try
        {
            var served = new List<(string Name, string Sort)>();
            using var client = new HttpClient();
            await Eventually.HoldsAsync(
                "all metrics of the page are served",
                async () =>
                {
                    Assert.False(run.HasExited);
                    if (await InstanceAddress.ReadAsync(folder.LogFolder) is not { } address)
                        return false;
                    served = [.. Served(await client.GetStringAsync(new Uri(address.Address, "metrics")))];
                    missing = expected.Except(served).ToList();
                    return missing.Count == 0;
                },
                TimeSpan.FromMinutes(2));

            Assert.Empty(served.Except(Documented()));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"A run does not serve what the page of metrics names: {string.Join(", ", missing)}.");
        }
        finally
        {
            run.Kill();
            await run.WaitForExitAsync();
        }
    }

    private static IEnumerable<(string Name, string Sort)> Documented() =>
        File.ReadAllLines(Path.Combine(RepositoryFolder.Root, "docs", "metrics.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 3 && cells[1].StartsWith('`'))
            .Select(cells => (cells[1].Trim('`'), cells[2]));

    private static IEnumerable<(string Name, string Sort)> Served(string text) =>
        text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
            .Select(line => line.Split(' '))
            .Select(words => (words[2], words[3]));
}
