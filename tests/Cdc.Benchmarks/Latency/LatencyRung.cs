using System.Text.Json;
using Cdc.Benchmarks.Capture;
using Cdc.Benchmarks.Running;
using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Positions;
using Cdc.Sink;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Benchmarks.Latency;

/// <summary>
/// Capture, and a sink where that is asked for, over an embedded log on disk; a reader of the log notes how long after its commit each
/// record was there. The times go into a file beside the log, in microseconds.
/// </summary>
internal static class LatencyRung
{
    public const string TimesFile = "times.json";

    public static async Task<RungResult> RunAsync(LatencySettings settings)
    {
        var folder = Path.Combine(settings.Folder, "log");
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(folder);
        using var stopping = new CancellationTokenSource();
        var running = new List<Task> { Capture(settings, log, registry).RunAsync(stopping.Token) };
        if (settings.Sink)
            running.Add(Sink(settings, log, registry).RunAsync(stopping.Token));
        var meter = new Meter();
        var reading = ReadAsync(settings, log, registry);
        await await Task.WhenAny([.. running, reading]);
        var times = await reading;
        if (settings.Sink)
            await Eventually.HoldsAsync("the parent has seen the last row", () => File.Exists(Path.Combine(settings.Folder, "seen")),
                TimeSpan.FromMinutes(5));
        var result = meter.Stop(settings.Rows);
        await File.WriteAllTextAsync(Path.Combine(settings.Folder, TimesFile), JsonSerializer.Serialize(times));
        await stopping.CancelAsync();
        await Task.WhenAll(running);
        return result;
    }

    private static CaptureRole Capture(LatencySettings settings, EmbeddedLog log, EmbeddedSchemaRegistry registry)
    {
        var source = new PostgresOptions
        {
            Host = PostgresServer.Host, Port = settings.Port, Database = CaptureWorkload.Database, User = PostgresServer.User,
            Slot = "latency", Publication = "latency", Create = true,
        };
        var options = new CaptureOptions
        {
            Name = "bench", TopicPrefix = "bench", Postgres = source, Tables = ["public.orders"],
            Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never },
        };
        return new CaptureRole(options, log, registry, TimeProvider.System, NullLogger.Instance);
    }

    private static SinkRole Sink(LatencySettings settings, EmbeddedLog log, EmbeddedSchemaRegistry registry)
    {
        var target = new PostgresTargetOptions
        {
            Host = PostgresServer.Host, Port = settings.Port, Database = "target", User = PostgresServer.User,
        };
        return new SinkRole(
            new SinkOptions { Name = "bench", Postgres = target }, log, registry,
            () => new PostgresTableWriter(target, TimeProvider.System), TimeProvider.System, NullLogger.Instance);
    }

    private static async Task<List<long>> ReadAsync(LatencySettings settings, EmbeddedLog log, EmbeddedSchemaRegistry registry)
    {
        await Eventually.HoldsAsync("the first record is there", () => log.TopicsVersion > 0, TimeSpan.FromMinutes(2));
        var topic = (await log.DescribeTopicsAsync(_ => true, CancellationToken.None)).Single();
        await using var reader = await log.OpenReaderAsync([new TopicOffset(topic.Topic, 0, 0)], CancellationToken.None);
        var times = new List<long>();
        EventDecoder? decoder = null;
        for (var seen = 0L; seen < settings.Rows;)
        {
            using var block = await reader.ReadAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
            var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            while (block.TryRead(out var record, out _, out _))
            {
                var body = WireFormat.ReadBody(record.Value, out var schema);
                decoder ??= new EventDecoder(AvroSchemaText.Parse(registry.GetAsync(schema, CancellationToken.None).AsTask().Result),
                    keySchema: null);
                if (++seen > settings.Warming)
                    times.Add(now - decoder.Decode(body).CommittedAt);
            }
        }

        return times;
    }
}
