using Cdc.Capture;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;
using Cdc.Sink;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Running;

/// <summary>
/// One configuration at work in this process: the log, a capture for each source, a role for each sink. The log is the only way from one to
/// the other. The first role that fails for good ends all of them in order; its error is what the caller sees.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly EmbeddedSchemaRegistry registry;

    private Installation(PipelineOptions options, EmbeddedLog log, EmbeddedSchemaRegistry registry, TimeProvider clock, ILoggerFactory loggers)
    {
        Log = log;
        this.registry = registry;
        Captures = [.. options.Sources.Select(source => new CaptureRole(source, log, registry, clock, loggers.CreateLogger("Cdc.Capture")))];
        Sinks = [.. options.Sinks.Select(sink => new SinkRole(sink, log, registry, () => WriterOf(sink), clock, loggers.CreateLogger("Cdc.Sink")))];
    }

    public EmbeddedLog Log { get; }

    public IReadOnlyList<CaptureRole> Captures { get; }

    public IReadOnlyList<SinkRole> Sinks { get; }

    /// <summary>Takes the log's folder. Throws <c>CDC-3002</c> where another process has it.</summary>
    public static Installation Open(PipelineOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = options.Log.Embedded.Path }, clock);
        return new Installation(options, log, EmbeddedSchemaRegistry.Open(options.Log.Embedded.Path), clock, loggers);
    }

    /// <summary>Runs all roles until cancelled, or until one fails for good: then the others end in order, and the failure is thrown.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> roles =
        [
            .. Captures.Select(capture => Task.Run(() => capture.RunAsync(stopping.Token), CancellationToken.None)),
            .. Sinks.Select(sink => Task.Run(() => sink.RunAsync(stopping.Token), CancellationToken.None)),
        ];
        var running = roles.ToList();
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            if (ended.IsFaulted)
                break;
        }

        await stopping.CancelAsync();
        await Task.WhenAll(roles);
    }

    public async ValueTask DisposeAsync()
    {
        registry.Dispose();
        await Log.DisposeAsync();
    }

    private static ITableWriter WriterOf(SinkOptions sink) => sink switch
    {
        { Postgres: { } postgres } => new PostgresTableWriter(postgres),
        { DuckDb: { } duckDb } => new DuckDbTableWriter(duckDb),
        _ => throw new CdcException(ErrorCodes.Internal, $"Sink '{sink.Name}' has no target."),
    };
}
