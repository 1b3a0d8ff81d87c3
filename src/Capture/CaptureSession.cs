using System.Collections.Immutable;
using System.Reflection;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Publishing;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Microsoft.Extensions.Logging;

namespace Cdc.Capture;

/// <summary>
/// One session with a source: takes the slot, puts the pieces together, and runs the pipeline until it breaks or is asked to end.
/// </summary>
internal sealed class CaptureSession(
    CaptureOptions options, ITopicLog log, ISchemaRegistry registry, TimeProvider clock, ILogger logger, GapRepair repair,
    CaptureProgress progress)
{
    private static readonly string Version =
        typeof(CaptureSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly ValueLimit limit = new(options.Name, options.MaxValueSizeBytes);
    private readonly TableSelection selection = TableSelection.OfSource(options.Tables);

    /// <summary>How long the source may say nothing; it outlives the session.</summary>
    public required ReceivePatience Receiving { get; init; }

    /// <summary>Told of the session's loops.</summary>
    public required LoopHealth Loops { get; init; }

    /// <summary>The source's sessions, beside the one that streams.</summary>
    public required SessionPool Sessions { get; init; }

    /// <param name="before">Of the session before; its pauses continue.</param>
    /// <param name="onGain">Called when something of the session is durable: a connection alone proves nothing.</param>
    /// <param name="onTables">Told of the tables' health before the first change is taken.</param>
    /// <param name="cancellationToken">Ends the session in order.</param>
    public async Task RunAsync(TablesHealth? before, Action onGain, Action<TablesHealth> onTables, CancellationToken cancellationToken)
    {
        var publication = new PublicationSetup(options.Postgres, Sessions, selection, what => Log.LeftOut(logger, options.Name, what))
        {
            Patterns = options.Tables, OnLooked = progress.Warn, Told = progress.Warnings,
        };
        ImmutableArray<TableId> published = [];
        var slot = await OpenAsync(
            async token => published = await publication.RunAsync(token), checkpoint => repair.Entries(checkpoint, published),
            cancellationToken);
        await using var writer = slot.Writer;
        // Until the source has it: a stream that nobody reads would hold up the server's shutdown, and keep the slot from the next session.
        await using var connection = slot.Connection;
        var checkpoint = await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken);
        var health = new TablesHealth(checkpoint, clock, before, options.MaxValueSizeBytes)
        {
            OnTrouble = Tell, LongestPause = options.Retry.Longest,
        };
        var choice = new TableChoice(options, clock);
        var topics = await choice.TopicsOfAsync(log, checkpoint, published, health, cancellationToken);
        var placer = new TablePlacer(writer, registry, topics, PartitionsOf, new SnapshotPlaces(checkpoint));
        var memory = new SourceMemory(checkpoint);
        await using var publisher = new EventPublisher(writer, placer, health, options.Append.Bytes, clock) { Memory = memory };
        var shapes = new TableShapes();
        var reads = choice.Choose(checkpoint, published, slot.IsNew, health, topics);
        await using var inbox = await new RequestIntake(log, options.TopicPrefix, clock).TakeAsync(checkpoint, reads, cancellationToken);
        var names = slot.Connection.ServerMajor < StreamedNames.FirstThatHears
            ? new StreamedNames(slot.Position.EndLsn.Value, reads.KnownNames()) : null;
        var reader = Reader(shapes, memory, publication, names);
        await using var snapshot = new SnapshotCoordinator(reads, new PromptSnapshotReader(reader), Pace(), publisher, inbox, clock,
            Events());
        using var feedback = Loops.Register($"feedback to source '{options.Name}'", LoopHealth.UsualPatience);
        await using var source = Source(slot, new RelationPlans(Sessions, selection, shapes, memory), names,
            (table, error) => LeaveOut(health, reads, table, error), snapshot, feedback, mark =>
        {
            progress.Reach(mark);
            if (publisher.Appended > 0 || mark.Allowed > slot.Confirmed)
                onGain();
        });
        progress.IsLookWaiting = true; // Until a look was taken nobody knows whether what was read is so still.
        progress.Begin(health, topics);
        progress.Reach(new PostgresMark(slot.Position, slot.Confirmed > slot.Position.EndLsn ? slot.Confirmed : slot.Position.EndLsn));
        onTables(health);
        Log.Streaming(logger, options.Name, slot.Confirmed.ToString(), slot.Position.End);
        await using var watch = new ShutdownWatch(slot.Connection, Sessions, () => publisher.Appending, clock);
        slot.Connection.Search = limit.IsSet ? limit.Find : null;
        var pipeline = new CapturePipeline(source, publisher, snapshot, options.Snapshot.Mode, progress);
        await pipeline.RunAsync(cancellationToken);
        if (pipeline.IsOver)
            await FullLoad.NoteAsync(writer, cancellationToken);
    }

    private async Task<OpenedSlot> OpenAsync(
        Func<CancellationToken, Task> publish, Func<Checkpoint, IReadOnlyList<CheckpointEntry>> repairing,
        CancellationToken cancellationToken)
    {
        if (progress.Activity != CaptureActivity.Retrying)
            progress.Open(CaptureActivity.Connecting);
        using var wait = progress.Await("the source and its slot");
        return await new SlotOpening(options.Postgres, Sessions, options.TopicPrefix, log, clock, WaitForSlot).OpenAsync(publish, repairing,
            cancellationToken);
    }

    private void WaitForSlot(CdcException reason)
    {
        progress.WaitForSlot(reason);
        Log.Waiting(logger, options.Name, reason.Message);
    }

    private void Tell(TableHealth table, CdcException error)
    {
        progress.Note(error);
        if (table.State == TableState.Stopped)
            Log.TableStopped(logger, options.Name, table.Table.ToString(), error.Describe());
        else
            Log.TableRetried(logger, options.Name, table.Table.ToString(), error.Describe());
    }

    /// <summary>
    /// A table of the stream has no plan. One that is gone was dropped before anybody looked; where another table has its name by now, that
    /// one is well.
    /// </summary>
    private void LeaveOut(TablesHealth health, TableSnapshots reads, TableId table, CdcException error)
    {
        if (error.Kind != ErrorKind.SourceTableGone)
        {
            health.Of(table).Stop(error);
            return;
        }

        Log.TableGone(logger, options.Name, table.ToString());
        if (reads.Find(table) is null)
            health.Of(table).Move(TableStep.Leave);
    }

    private PostgresChangeSource Source(
        OpenedSlot slot, RelationPlans plans, StreamedNames? names, Action<TableId, CdcException> onUnplanned, SnapshotCoordinator snapshot,
        Loop feedback, Action<PostgresMark> onDurable) => new(
        slot.Connection,
        new StandbyFeedback(slot.Connection, StandbyFeedback.IntervalFor(slot.SenderTimeout), clock)
        {
            OnSent = feedback.Tick, Patience = Receiving.For(slot.SenderTimeout), Receiving = Receiving,
        },
        plans,
        new TransactionCursor(slot.Position, slot.Confirmed, clock),
        new PostgresSourceBlock(Version, options.TopicPrefix, options.Postgres.Database),
        onUnplanned)
    {
        OnAnnounced = snapshot.Announce,
        OnPartition = snapshot.Bring,
        Names = names,
        Limit = limit,
        OnDurable = onDurable,
    };

    private PostgresSnapshotReader Reader(TableShapes shapes, SourceMemory memory, PublicationSetup publication, StreamedNames? names) =>
        new(options.Postgres, Sessions, shapes, memory, clock)
    {
        OnBeat = progress.Beat,
        Limit = limit,
        Names = names,
        BeforeLook = publication.RefreshAsync,
        IsSelected = table => selection.Includes(table.ToString()),
    };

    private SnapshotEvents Events() => new(progress.Note, (table, why) => Log.Rewritten(logger, options.Name, table.ToString(), why))
    {
        OnMoved = (table, why) => Log.Moved(logger, options.Name, table.ToString(), why),
        OnRestarted = Restarted,
        OnWaiting = (table, reason) => Log.TableWaits(logger, options.Name, table.ToString(), reason),
        OnLooked = isWaiting => progress.IsLookWaiting = isWaiting,
    };

    private void Restarted(TableId table, CdcException error)
    {
        progress.Note(error);
        Log.Restarted(logger, options.Name, table.ToString(), error.Describe());
    }

    private ReadPace Pace() => new(options.Snapshot.Parallel, options.Snapshot.RowsPerSecond, options.Postgres.Heartbeat)
    {
        ReadsNewTables = options.Snapshot.Mode != SnapshotMode.Never,
        PieceBytes = options.Snapshot.ChunkBytes,
    };

    private int PartitionsOf(string topic)
    {
        foreach (var (pattern, count) in options.Partitions)
        {
            if (new TablePattern(TopicNaming.EscapePattern(pattern)).Matches(topic))
                return count;
        }

        return 1;
    }
}
