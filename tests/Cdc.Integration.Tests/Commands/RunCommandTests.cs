using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Cdc.Cli.Commands;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;
using Cdc.Control.Metrics;
using Cdc.Hosting;

namespace Cdc.Integration.Tests.Commands;

public sealed class RunCommandTests
{
    [Fact]
    public async Task A_run_serves_its_status_until_it_ends_and_then_ends_with_0()
    {
        using var folder = new ConfigurationFolder();
        Called? status = null;
        Called? json = null;
        var pipeline = new FakeInstallation(async (until, _) =>
        {
            Assert.Equal(RunUntil.CaughtUp, until);
            status = await Called.WithAsync("status", folder.File);
            json = await Called.WithAsync("status", folder.File, "--output", "json");
        });

        var run = await Called.WithAsync(pipeline.OpenAsync, "run", folder.File, "--until-caught-up");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.True(pipeline.IsDisposed);
        Assert.Equal((0, 0), (status!.Code, json!.Code));
        Assert.Contains("public.orders", status.Out, StringComparison.Ordinal);
        Assert.Contains("412,000", status.Out, StringComparison.Ordinal);
        Assert.Equal("shop", (string?)JsonNode.Parse(json.Out)!["name"]);
        Assert.Equal(3, (await Called.WithAsync("status", folder.File)).Code);
    }

    [Fact]
    public async Task A_run_that_is_not_done_in_time_ends_with_3_and_says_what_is_left()
    {
        using var folder = new ConfigurationFolder();
        var pipeline = new FakeInstallation(async (_, stop) =>
        {
            var ended = new TaskCompletionSource();
            await using var asked = stop.Register(ended.SetResult);
            await ended.Task;
        });

        var run = await Called.WithAsync(pipeline.OpenAsync, "run", folder.File, "--until-caught-up", "--timeout", "50ms");

        Assert.Equal(3, run.Code);
        Assert.Contains("CDC-5086", run.Error, StringComparison.Ordinal);
        Assert.Contains("source 'shop' is reading tables", run.Error, StringComparison.Ordinal);
        Assert.Contains("sink 'warehouse' is", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--timeout", "5m")]
    [InlineData("--until-caught-up", "--timeout", "soon")]
    public async Task A_time_limit_is_a_duration_and_goes_with_a_run_that_ends(params string[] options)
    {
        using var folder = new ConfigurationFolder();
        Assert.Equal(2, (await Called.WithAsync(["run", folder.File, .. options])).Code);
    }

    [Fact]
    public async Task Events_are_JSON_lines_where_nobody_watches()
    {
        using var folder = new ConfigurationFolder();
        var pipeline = new FakeInstallation((_, _) => Task.CompletedTask);

        var run = await Called.WithAsync(pipeline.OpenAsync, "run", folder.File);

        var lines = run.Out.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("Serving", (string?)lines[0]["event"]);
        Assert.Equal("info", (string?)lines[0]["level"]);
        Assert.Equal("shop", (string?)lines[0]["fields"]!["Pipeline"]);
        Assert.Contains(lines, line => (string?)line["event"] == "Table" && (long?)line["fields"]!["RowsRead"] == 412_000);
    }

    [Theory]
    [InlineData(1, 9000)]
    [InlineData(2, 1011)]
    [InlineData(3, 2007)]
    [InlineData(3, 3010)]
    public async Task An_error_that_does_not_pass_decides_the_exit_code(int code, int error)
    {
        using var folder = new ConfigurationFolder();
        var found = ErrorCodes.All.FirstOrDefault(known => known.Number == error)
            ?? new ErrorCode(error, ErrorKind.SourcePositionLost, "Lost", "Do something.");
        var pipeline = new FakeInstallation((_, _) => throw new CdcException(found, "Reading slot 'shop' found that it is lost."));

        var run = await Called.WithAsync(pipeline.OpenAsync, "run", folder.File);

        Assert.Equal((code, $"{found} Reading slot 'shop' found that it is lost. {found.Remedy}\n"), (run.Code, run.Error));
        var last = JsonNode.Parse(run.Out.TrimEnd('\n').Split('\n')[^1])!;
        Assert.Equal(("error", found.ToString(), "Reading slot 'shop' found that it is lost."),
            ((string?)last["level"], (string?)last["code"], (string?)last["error"]));
        Assert.True(pipeline.IsDisposed);
    }

    [Fact]
    public async Task A_command_that_is_broken_off_is_no_defect()
    {
        using var folder = new ConfigurationFolder();

        var run = await Called.WithAsync((_, _) => throw new OperationCanceledException(), "run", folder.File);

        Assert.Equal(
            (3, $"{ErrorCodes.CommandStopped} Command 'run' was told to stop before it was done. {ErrorCodes.CommandStopped.Remedy}\n"),
            (run.Code, run.Error));
    }

    [Fact]
    public async Task A_defect_ends_with_1_and_shows_where()
    {
        using var folder = new ConfigurationFolder();
        var pipeline = new FakeInstallation((_, _) => throw new InvalidOperationException("A rule was broken."));

        var run = await Called.WithAsync(pipeline.OpenAsync, "run", folder.File);

        Assert.Equal(1, run.Code);
        Assert.Contains("CDC-9000", run.Error, StringComparison.Ordinal);
        Assert.Contains(nameof(A_defect_ends_with_1_and_shows_where), run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_file_opens_nothing()
    {
        using var folder = new ConfigurationFolder("name: shop\n");
        var pipeline = new FakeInstallation((_, _) => Task.CompletedTask);

        Assert.Equal(2, (await Called.WithAsync(pipeline.OpenAsync, "run", folder.File)).Code);
        Assert.Null(pipeline.Setup);
    }

    [Fact]
    public async Task Meters_are_sent_to_the_collector_that_the_environment_names()
    {
        using var folder = new ConfigurationFolder();
        using var collector = new HttpListener();
        var prefix = $"http://127.0.0.1:{FreePort()}/";
        collector.Prefixes.Add(prefix);
        collector.Start();
        var received = ReceiveAsync(collector);
        // Only runs read these, and the tests of this class run one after another.
        Environment.SetEnvironmentVariable(MeterRegistration.Collector, prefix);
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        try
        {
            var pipeline = new FakeInstallation((_, _) =>
            {
                using var meter = new Meter("Cdc.Tests");
                meter.CreateCounter<int>("cdc_otlp_rows").Add(1);
                return Task.CompletedTask;
            });
            Assert.Equal(0, (await Called.WithAsync(pipeline.OpenAsync, "run", folder.File)).Code);
        }
        finally
        {
            Environment.SetEnvironmentVariable(MeterRegistration.Collector, null);
            Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", null);
        }

        var (path, body) = await received.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("/v1/metrics", path);
        Assert.Contains("cdc_otlp_rows", body, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_signal_asks_and_the_second_ends()
    {
        var exits = new List<int>();
        using var interrupted = new Shutdown(exits.Add);
        Assert.False(interrupted.Asked.IsCancellationRequested);
        interrupted.Receive(PosixSignal.SIGINT);
        Assert.True(interrupted.Asked.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        Assert.Empty(exits);
        interrupted.Receive(PosixSignal.SIGINT);

        using var terminated = new Shutdown(exits.Add);
        terminated.Receive(PosixSignal.SIGINT);
        terminated.Receive(PosixSignal.SIGTERM);

        Assert.Equal([130, 143], exits);
    }

    [Fact]
    public void Every_kind_of_error_has_an_exit_code_and_of_several_the_gravest_counts()
    {
        foreach (var kind in Enum.GetValues<ErrorKind>())
        {
            var expected = kind switch
            {
                ErrorKind.ConfigurationInvalid or ErrorKind.SecretMissing => 2,
                ErrorKind.Internal => 1,
                _ => 3,
            };
            Assert.Equal(expected, ExitCode.From(Of(kind)));
        }

        Assert.Equal(2, ExitCode.From(new ConfigurationException("a.yaml", [])));
        Assert.Equal(1, ExitCode.From(new TimeoutException()));
        Assert.Equal(1, ExitCode.From(new OperationCanceledException()));
        Assert.Equal(2,
            ExitCode.From(new AggregateException(Of(ErrorKind.LogCorrupt), new AggregateException(Of(ErrorKind.SecretMissing)))));

        static CdcException Of(ErrorKind kind) => new(new ErrorCode(1, kind, "", ""), "");
    }

    private static async Task<(string Path, string Body)> ReceiveAsync(HttpListener collector)
    {
        var request = await collector.GetContextAsync();
        using var body = new MemoryStream();
        await request.Request.InputStream.CopyToAsync(body);
        request.Response.Close();
        return (request.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(body.ToArray()));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
