using Cdc.Benchmarks.Running;
using Cdc.Sink;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Benchmarks.Sinks;

/// <summary>The sink as it runs in production, from the embedded log into its target, from the ledger on.</summary>
internal static class SinkRung
{
    public static async Task<RungResult> RunAsync(SinkSettings settings)
    {
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = settings.LogFolder }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(settings.LogFolder);
        var sink = new SinkRole(SinkSettings.Options(), log, registry, settings.OpenWriter, TimeProvider.System, NullLogger.Instance);
        using var stopping = new CancellationTokenSource();
        var running = sink.RunAsync(stopping.Token);
        await UntilAsync(sink, running, settings.Warming);
        var meter = new Meter();
        await UntilAsync(sink, running, settings.Changes);
        var result = meter.Stop(settings.Changes - settings.Warming);
        await stopping.CancelAsync();
        await running;
        return result;
    }

    private static async Task UntilAsync(SinkRole sink, Task running, long changes)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (sink.Progress.Changes < changes)
        {
            await timer.WaitForNextTickAsync();
            if (running.IsCompleted)
                await running;
            foreach (var topic in sink.Progress.Partitions.Keys.Select(partition => partition.Topic))
            {
                if (sink.Progress.TroubleOf(topic) is { } trouble)
                    throw new InvalidOperationException($"Topic '{topic}' stopped: {trouble.Message}");
            }
        }
    }
}
