using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.DuckDb;
using Cdc.Sink;
using Cdc.Sink.Ledger;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Integration.Tests.Rereading;

/// <summary>
/// The log of one real source, opened for as long as a test says: captures run while their changes come, sinks into both kinds of target
/// until the end. Snapshots' bounds are noted as capture would.
/// </summary>
internal sealed class RereadBench : IAsyncDisposable
{
    private readonly PostgresServer server;
    private readonly CancellationTokenSource stopping = new();
    private readonly EmbeddedLog log;
    private readonly EmbeddedSchemaRegistry registry;
    private readonly List<Task> running = [];

    public RereadBench(PostgresServer server, string folder)
    {
        this.server = server;
        log = Open(folder);
        registry = EmbeddedSchemaRegistry.Open(folder);
    }

    public List<SinkRole> Sinks { get; } = [];

    public ITopicLog Log => log;

    public static EmbeddedLog Open(string folder, long? retention = null) =>
        EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder, SegmentBytes = 4096, RetentionBytes = retention }, TimeProvider.System);

    public PostgresTargetOptions Target(string database) =>
        new() { Host = PostgresServer.Host, Port = server.Port, Database = database, User = PostgresServer.User };

    public void StartBoth(TemporaryDuckDb lake)
    {
        var warehouse = Target("target");
        Start(new SinkOptions { Name = "warehouse", Postgres = warehouse }, () => new PostgresTableWriter(warehouse, TimeProvider.System));
        Start(new SinkOptions { Name = "lake", DuckDb = lake.Options }, () => new DuckDbTableWriter(lake.Options));
    }

    public void Start(SinkOptions options, Func<ITableWriter> openWriter)
    {
        var role = new SinkRole(options, log, registry, openWriter, TimeProvider.System, NullLogger.Instance);
        Sinks.Add(role);
        running.Add(Task.Run(() => role.RunAsync(stopping.Token)));
    }

    /// <summary>Captures until all that the statements changed is in the log; of <c>public</c>, where no tables are named.</summary>
    public async Task CaptureAsync(string statements, IReadOnlyList<string>? tables = null)
    {
        var role = new CaptureRole(
            new CaptureOptions
            {
                Name = "shop",
                TopicPrefix = "shop",
                Tables = tables ?? ["public.*"],
                Postgres = new PostgresOptions
                {
                    Host = PostgresServer.Host, Port = server.Port, Database = "source", User = PostgresServer.User,
                    Slot = "shop", Publication = "shop", Create = true,
                },
            }, log, registry, TimeProvider.System, NullLogger.Instance);
        using var ending = new CancellationTokenSource();
        var capture = Task.Run(() => role.RunAsync(ending.Token));
        await Eventually.HoldsAsync("capture streams", () => capture.IsCompleted || role.Progress.IsStreaming, TimeSpan.FromSeconds(60));
        await server.ExecuteAsync(statements, "source");
        var end = await role.ReadEndAsync(CancellationToken.None);
        await Eventually.HoldsAsync("all is captured", async () => capture.IsCompleted
            || await role.HasReachedAsync(end, CancellationToken.None), TimeSpan.FromSeconds(60));
        await ending.CancelAsync();
        await capture;
    }

    public async Task<PartitionState> StateOfAsync(string topic) =>
        (await log.DescribeTopicsAsync(_ => true, CancellationToken.None)).Single(state => state.Topic == topic).Partitions[0];

    public static async Task NoteAsync(ITopicLog log, SnapshotBounds bounds)
    {
        await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
        using var nothing = new RecordBatch(new PartitionTable());
        await writer.AppendAsync(nothing, _ => [bounds.ToEntry()], CancellationToken.None);
    }

    /// <summary>Waits until all sinks have applied what the log holds, and swept what is to be swept.</summary>
    public Task UntilAppliedAsync() => HoldsAsync("all is applied", async () =>
    {
        var topics = await log.DescribeTopicsAsync(_ => true, CancellationToken.None);
        var notes = await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);
        return Sinks.All(sink => sink.HasApplied(topics, notes));
    });

    /// <summary>Waits for what the sinks do; fails with the fault of one that ended.</summary>
    public Task HoldsAsync(string what, Func<Task<bool>> question) => Eventually.HoldsAsync(what, async () =>
    {
        foreach (var ended in running.Where(role => role.IsCompleted))
            await ended;
        return await question();
    }, TimeSpan.FromSeconds(60));

    public static LedgerEntry LedgerOf(SinkRole sink, string topic) => sink.Progress.Partitions[new TopicPartition(topic, 0)];

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        foreach (var role in running)
            await role.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        registry.Dispose();
        await log.DisposeAsync();
        stopping.Dispose();
    }
}
