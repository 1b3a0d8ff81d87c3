using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Topics;
using Cdc.Sink;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A capture and a sink over an embedded log in a temporary folder, in this process.</summary>
internal sealed class RunningPipeline : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly EmbeddedLog log;
    private readonly EmbeddedSchemaRegistry registry;
    private readonly Task capture;
    private readonly Task sink;
    private bool isDisposed;
    private readonly PostgresServer targetServer;

    private RunningPipeline(
        PostgresServer server, string folder, IReadOnlyList<string> tables, Func<CaptureOptions, CaptureOptions> adjust,
        Func<ITopicLog, ITopicLog> over,
        PostgresServer targetServer, TimeProvider healthClock, ReloadPolicy reload, string targetUser,
        Func<SinkOptions, SinkOptions> adjustSink)
    {
        Health = new LoopHealth(healthClock);
        this.targetServer = targetServer;
        log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder }, TimeProvider.System);
        registry = EmbeddedSchemaRegistry.Open(folder);
        var options = adjust(new CaptureOptions
        {
            Name = "shop",
            TopicPrefix = "shop",
            Tables = tables,
            Postgres = new PostgresOptions
            {
                Host = PostgresServer.Host, Port = server.Port, Database = "source", User = PostgresServer.User,
                Slot = "shop", Publication = "shop", Create = true,
            },
        });
        Capture = new CaptureRole(options, over(log), registry, TimeProvider.System, NullLogger.Instance)
        {
            Health = Health, Reload = reload,
        };
        var target = new PostgresTargetOptions
        {
            Host = PostgresServer.Host, Port = targetServer.Port, Database = "target", User = targetUser,
        };
        var sinkOptions = adjustSink(
            new SinkOptions { Name = "warehouse", Postgres = target, Retry = new RetryOptions { Longest = TimeSpan.FromSeconds(2) } });
        var metadata = new MetadataColumns(sinkOptions.Target.Metadata.Prefix);
        Func<ITableWriter> open = sinkOptions.DuckDb is { } file ? () => new DuckDbTableWriter(file, metadata)
            : () => new PostgresTableWriter(sinkOptions.Postgres ?? target, TimeProvider.System, metadata);
        Sink = new SinkRole(sinkOptions, log, registry, open, TimeProvider.System, NullLogger.Instance)
        {
            Health = Health,
            AskForReread = table => new ResyncRequests(log, table.Source).SendAsync(ResyncRequest.For([$"{table.Schema}.{table.Table}"]),
                CancellationToken.None),
        };
        capture = Task.Run(() => Capture.RunAsync(stopping.Token));
        sink = Task.Run(() => Sink.RunAsync(stopping.Token));
    }

    public LoopHealth Health { get; }

    public CaptureRole Capture { get; }

    /// <summary>Ends when capture does.</summary>
    public Task CaptureRun => capture;

    public SinkRole Sink { get; }

    public ITopicLog Log => log;

    public ISchemaRegistry Registry => registry;

    /// <param name="server">Holds the databases <c>source</c> and, unless another server does, <c>target</c>.</param>
    /// <param name="folder">The log's.</param>
    /// <param name="tables">Those to capture.</param>
    /// <param name="adjust">What is to be other than the default.</param>
    /// <param name="over">What capture writes to, over the log in the folder.</param>
    /// <param name="targetServer">Holds the database <c>target</c>.</param>
    /// <param name="healthClock">Measures how long a loop did not tick.</param>
    /// <param name="reload">Whether tables that are only read are read again.</param>
    /// <param name="targetUser">Whom the sink logs in as; the superuser where it is left out.</param>
    /// <param name="adjustSink">What is to be other than the default; a DuckDB file is the target where one is named.</param>
    public static RunningPipeline Start(
        PostgresServer server, string folder, IReadOnlyList<string> tables, Func<CaptureOptions, CaptureOptions>? adjust = null,
        Func<ITopicLog, ITopicLog>? over = null, PostgresServer? targetServer = null, TimeProvider? healthClock = null,
        ReloadPolicy reload = ReloadPolicy.Never, string? targetUser = null,
        Func<SinkOptions, SinkOptions>? adjustSink = null) =>
        new(server, folder, tables, adjust ?? (options => options), over ?? (same => same), targetServer ?? server,
            healthClock ?? TimeProvider.System, reload,
            targetUser ?? PostgresServer.User, adjustSink ?? (options => options));

    /// <summary>Waits until a session streams; fails with the fault of a role that ended.</summary>
    public Task UntilStreamingAsync() => Eventually.HoldsAsync("capture streams", async () =>
    {
        await ThrowIfEndedAsync();
        return Capture.Progress.IsStreaming;
    }, TimeSpan.FromSeconds(60));

    /// <summary>Waits until the checkpoint notes a complete snapshot of a topic's table other than the one named.</summary>
    public async Task<SnapshotBounds> UntilCompleteAsync(string topic, string after)
    {
        SnapshotBounds? bounds = null;
        await Eventually.HoldsAsync("a snapshot is complete", async () =>
        {
            await ThrowIfEndedAsync();
            bounds = SnapshotBounds.Read(await log.ReadCheckpointAsync("shop", CancellationToken.None)).GetValueOrDefault(topic);
            return bounds is { IsComplete: true } && bounds.Id != after;
        }, TimeSpan.FromSeconds(120));
        return bounds!;
    }

    /// <summary>Waits until a question has the same answer in source and target; fails with the fault of a role that ended.</summary>
    public async Task UntilEqualAsync(PostgresServer server, string question)
    {
        var (source, target) = ("", "");
        await Eventually.HoldsAsync($"'{question}' answers alike", async () =>
        {
            await ThrowIfEndedAsync();
            source = await AnswerAsync(server, "source", question);
            target = await AnswerAsync(targetServer, "target", question);
            return source == target;
        }, TimeSpan.FromSeconds(60));
    }

    /// <summary>Whether a question has the same answer in source and target now.</summary>
    public static async Task<bool> AnswersAlikeAsync(PostgresServer server, string question) =>
        string.Equals(await AnswerAsync(server, "source", question), await AnswerAsync(server, "target", question),
            StringComparison.Ordinal);

    public async Task ThrowIfEndedAsync()
    {
        if (capture.IsCompleted)
            await capture;
        if (sink.IsCompleted)
            await sink;
    }

    /// <summary>May be called again, where the end itself is looked at.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        await stopping.CancelAsync();
        await capture.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await sink.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        registry.Dispose();
        await log.DisposeAsync();
        stopping.Dispose();
    }

    private static async Task<string> AnswerAsync(PostgresServer server, string database, string question)
    {
        try
        {
            return await server.QueryAsync<string>(question, database);
        }
        catch (Npgsql.PostgresException error) when (error.SqlState is "42P01" or "3F000" or "42703")
        {
            return error.MessageText;
        }
    }
}
