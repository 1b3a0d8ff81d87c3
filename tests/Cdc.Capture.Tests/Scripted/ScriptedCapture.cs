using System.Collections.Concurrent;
using Cdc.Capture.Publishing;
using Cdc.Capture.Reading;
using Cdc.Capture.Requests;
using Cdc.Capture.Tables;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Testing;
using Cdc.Testing.Scripted;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>
/// One session of capture over a <see cref="ScriptedDatabase"/>, with a log in memory: everything between the ports is the real thing.
/// </summary>
internal sealed class ScriptedCapture : IAsyncDisposable
{
    private const string Prefix = "shop";

    private readonly CancellationTokenSource stopping = new();
    private readonly ITopicLogWriter writer;
    private readonly EventPublisher publisher;
    private readonly RequestInbox inbox;
    private readonly SnapshotCoordinator coordinator;
    private bool isDisposed;

    private ScriptedCapture(
        ScriptedDatabase database, MemoryTopicLog log, ITopicLogWriter writer, Checkpoint checkpoint, ScriptedCapture? before)
    {
        (Log, this.writer) = (log, writer);
        Clock = before?.Clock ?? new LeapingClock();
        Registry = before?.Registry ?? new ScriptedRegistry();
        Source = new ScriptedSource(database);
        Reader = new ScriptedReader(database);
        Health = new TablesHealth(checkpoint, Clock, before?.Health);
        var topics = new TableTopics(Prefix, TopicSpelling.Escaped, checkpoint);
        var placer = new TablePlacer(writer, Registry, topics, _ => 1, new SnapshotPlaces(checkpoint));
        publisher = new EventPublisher(writer, placer, Health, 1 << 20, Clock);
        var reads = new TableSnapshots(checkpoint, ScriptedNotes.Instance, ReadLimits.For(1 << 20), Clock, Health);
        foreach (var table in database.Tables.Where(table => reads.Find(table) is null))
            reads.Add(table, isJoining: false);
        inbox = new RequestInbox(new ResyncRequests(log, Prefix), 0, Clock);
        coordinator = new SnapshotCoordinator(reads, Reader, new ReadPace(2, 0, TimeSpan.Zero), publisher, inbox, Clock,
            new SnapshotEvents(_ => { }, (_, _) => { })
        {
            OnWaiting = (table, reason) => Waits.Enqueue($"{table}: {reason}"),
        });
        var pipeline = new CapturePipeline(Source, publisher, coordinator, SnapshotMode.Initial, new CaptureProgress(Clock));
        Start = () => Running = Task.Run(() => pipeline.RunAsync(stopping.Token));
    }

    public LeapingClock Clock { get; }

    public ScriptedRegistry Registry { get; }

    public MemoryTopicLog Log { get; }

    public ScriptedSource Source { get; }

    public ScriptedReader Reader { get; }

    public TablesHealth Health { get; }

    /// <summary>What was said of tables that wait.</summary>
    public ConcurrentQueue<string> Waits { get; } = new();

    /// <summary>Begins; what is to fail at once is said before.</summary>
    public Action Start { get; }

    /// <summary>Ends when the session does.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <param name="database">What is captured.</param>
    /// <param name="before">A session that has ended: this one continues with its log.</param>
    public static async Task<ScriptedCapture> OpenAsync(ScriptedDatabase database, ScriptedCapture? before = null)
    {
        var log = before?.Log ?? new MemoryTopicLog();
        var writer = await log.OpenWriterAsync(Prefix, CancellationToken.None);
        return new ScriptedCapture(database, log, writer, await log.ReadCheckpointAsync(Prefix, CancellationToken.None), before);
    }

    /// <summary>Waits until something holds; fails with the session's fault where it ended.</summary>
    public Task UntilAsync(string what, Func<bool> question) => Eventually.HoldsAsync(what, async () =>
    {
        if (Running.IsCompleted)
            await Running;
        return question();
    });

    public TableHealth HealthOf(TableId table) => Health.Of(table);

    /// <summary>The table that the records of its topic make, by a reader that knows no more than they say.</summary>
    public async Task<string> TableOfAsync(TableId table)
    {
        var topic = TopicNaming.TopicOf(Prefix, table);
        var end = (await Log.DescribeTopicsAsync(_ => true, CancellationToken.None)).Where(known => known.Topic == topic)
            .Select(known => known.Partitions[0].NextOffset).SingleOrDefault();
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (end > 0)
            await ScriptedTarget.FillAsync(rows, Log, new TopicOffset(topic, 0, 0), end, Registry);
        return string.Join(' ', rows.Select(row => $"{row.Key}={row.Value}"));
    }

    /// <summary>May be called again: a test can end the session before the next one begins.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        await stopping.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await coordinator.DisposeAsync();
        await inbox.DisposeAsync();
        await publisher.DisposeAsync();
        await writer.DisposeAsync();
        stopping.Dispose();
    }
}
