using System.Text.Json.Nodes;
using Cdc.Cli.Output;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Microsoft.Extensions.Logging;

namespace Cdc.Integration.Tests.Output;

public sealed partial class LineLoggerTests
{
    private static readonly CdcException Lost = new(ErrorCodes.TargetUnreachable, "Connecting to 'dw' found nobody.");

    private readonly List<string> lines = [];

    [Fact]
    public void An_event_is_one_JSON_object_with_its_fields()
    {
        Connected(LoggerOf(OutputFormat.Json), "db\n\u001b[31m", 5432, new Secret("hunter2"));

        var line = JsonNode.Parse(Assert.Single(lines))!;
        Assert.Equal("2026-01-02T03:04:05.006Z", (string?)line["time"]);
        Assert.Equal(("info", "Connected"), ((string?)line["level"], (string?)line["event"]));
        Assert.Equal(5432, (int)line["fields"]!["Port"]!);
        Assert.Equal("***", (string?)line["fields"]!["Password"]);
        Assert.Null(line["code"]);
        Assert.DoesNotContain('\n', lines[0]);
        Assert.DoesNotContain('\u001b', lines[0]);
    }

    [Fact]
    public void An_error_carries_its_code()
    {
        Failed(LoggerOf(OutputFormat.Json), Lost);
        Failed(LoggerOf(OutputFormat.Json), new TimeoutException());
        Failed(LoggerOf(OutputFormat.Text), Lost);

        Assert.Equal("CDC-5001", (string?)JsonNode.Parse(lines[0])!["code"]);
        Assert.Equal("CDC-9000", (string?)JsonNode.Parse(lines[1])!["code"]);
        Assert.Equal("03:04:05 warn  Sink failed. " + Lost.Describe(), lines[2]);
    }

    [Fact]
    public void Text_is_for_people_and_steers_no_terminal()
    {
        Connected(LoggerOf(OutputFormat.Text), "db\u001b[31m", 5432, new Secret("hunter2"));

        Assert.Equal(["03:04:05 info  Connected to db?[31m:5432 with ***."], lines);
    }

    [Fact]
    public void Details_are_left_out()
    {
        var log = LoggerOf(OutputFormat.Text);
        Detail(log);

        Assert.False(log.IsEnabled(LogLevel.Debug));
        Assert.False(log.IsEnabled(LogLevel.None));
        Assert.Empty(lines);
    }

    [LoggerMessage(7001, LogLevel.Information, "Connected to {Host}:{Port} with {Password}.")]
    private static partial void Connected(ILogger log, string host, int port, Secret password);

    [LoggerMessage(7002, LogLevel.Warning, "Sink failed.")]
    private static partial void Failed(ILogger log, Exception exception);

    [LoggerMessage(7003, LogLevel.Debug, "Something small.", SkipEnabledCheck = true)]
    private static partial void Detail(ILogger log);

    private ILogger LoggerOf(OutputFormat format)
    {
        using var provider = new LineLoggerProvider(lines.Add, format, new FixedClock());
        return provider.CreateLogger("test");
    }

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
