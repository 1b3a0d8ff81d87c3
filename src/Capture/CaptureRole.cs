using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Publishing;
using Cdc.Capture.Requests;
using Cdc.Capture.Snapshot;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Microsoft.Extensions.Logging;

namespace Cdc.Capture;

/// <summary>
/// Capture of one source for as long as the process lives: a session after another, each from the log's checkpoint on. What passes with
/// time is tried again; anything else ends the role with its code.
/// </summary>
public sealed class CaptureRole(CaptureOptions options, ITopicLog log, ISchemaRegistry registry, TimeProvider clock, ILogger logger)
{
    private static readonly string Version = typeof(CaptureRole).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly TableSelection selection = new(options.Tables);

    public CaptureProgress Progress { get; } = new(clock);

    /// <summary>Told of the role's loops.</summary>
    public LoopHealth Health { get; init; } = new(clock);

    /// <summary>Runs until cancelled; returns in order then, and throws a <see cref="CdcException"/> that does not pass with time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new SlotWatch(options.Postgres, clock, Progress.Note).RunAsync(watching.Token);
        using var loop = Health.Register($"capture of source '{options.Name}'", LoopHealth.UsualPatience);
        Progress.Live(loop);
        try
        {
            await RunSessionsAsync(cancellationToken);
        }
        finally
        {
            await watching.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunSessionsAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunSessionAsync(backoff, cancellationToken);
                if (options.Snapshot.Mode == SnapshotMode.Only)
                    return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                Log.Retrying(logger, options.Name, error.Code.ToString(), error.Message);
                Progress.Wait(error);
                using var wait = Progress.Await("the source");
                await backoff.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (CdcException error) when (error.Kind == ErrorKind.SourcePositionLost)
            {
                if (!await TryAcknowledgeAsync(cancellationToken))
                    throw;
                Log.GapAcknowledged(logger, options.Name, error.Code.ToString(), error.Message);
                Progress.Wait(error);
            }
        }
    }

    /// <summary>The tables that a source's checkpoint knows; null where it keeps none of tables that are not read.</summary>
    public static IReadOnlyCollection<TableId>? TablesOf(Checkpoint checkpoint, CaptureOptions options)
    {
        using var reads = new TableReads(checkpoint, ReadLimits.For(options.Snapshot.ChunkBytes), TimeProvider.System);
        return options.Snapshot.Mode == SnapshotMode.Never ? null : [.. reads.Tables.Select(table => table.Table)];
    }

    /// <summary>Where the source's log ends now; waits for a source that does not answer.</summary>
    public async Task<SourceEnd> ReadEndAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            try
            {
                return new SourceEnd((await SourceEnds.ReadAsync(options.Postgres, cancellationToken)).Value);
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whether everything the source held before that end is durable in the log: its changes, and the tables that are to be read.</summary>
    public async Task<bool> HasReachedAsync(SourceEnd end, CancellationToken cancellationToken) =>
        Progress.IsStreaming
        && Progress.Reads.Values.All(read => read.State is TableState.Complete or TableState.Stopped)
        && SourceEnds.IsReached(await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken), new Lsn(end.Value));

    /// <summary>
    /// Changes are missing. Where somebody asked that every table be read again, that is noted, and the next session begins anew; else
    /// nothing is changed (Invariant 6).
    /// </summary>
    private async Task<bool> TryAcknowledgeAsync(CancellationToken cancellationToken)
    {
        var checkpoint = await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken);
        var topic = new RequestTopic(log, options.TopicPrefix);
        var (requests, next) = await topic.ReadAsync(RequestTopic.StartOf(checkpoint), cancellationToken);
        if (checkpoint[CheckpointKeys.Gap] is not null || !requests.Any(request => request.CoversAll))
            return false;
        await using var writer = await log.OpenWriterAsync(options.TopicPrefix, cancellationToken);
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => [new CheckpointEntry(CheckpointKeys.Gap, next.ToString(CultureInfo.InvariantCulture))], cancellationToken);
        return true;
    }

    /// <summary>What goes with the position behind a gap: all tables are read again, and the requests that asked for it are taken up.</summary>
    private IReadOnlyList<CheckpointEntry> Repair(Checkpoint checkpoint, ImmutableArray<TableId> published)
    {
        using var reads = new TableReads(checkpoint, ReadLimits.For(options.Snapshot.ChunkBytes), clock);
        var stopped = new StoppedTables(checkpoint, (_, _) => { });
        foreach (var table in stopped.Reasons.Keys)
            stopped.Resume(table);
        reads.AddAllAgain(published, isJoining: !options.Postgres.Create);
        var next = long.Parse(checkpoint[CheckpointKeys.Gap]!, NumberStyles.None, CultureInfo.InvariantCulture);
        return
        [
            .. reads.TakeNotes().Entries, .. stopped.TakeNews(), RequestTopic.TakenUpTo(next),
            Lineage.Begin(), .. SnapshotBounds.Read(checkpoint).Keys.Select(SnapshotBounds.Removal),
        ];
    }

    private async Task RunSessionAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var postgres = options.Postgres;
        var publication = new PublicationSetup(postgres, selection, what => Log.LeftOut(logger, options.Name, what));
        var opening = new SlotOpening(postgres, options.TopicPrefix, log, clock, WaitForSlot);
        ImmutableArray<TableId> published = [];
        var slot = await OpenAsync(
            opening, async () => published = await publication.RunAsync(cancellationToken), checkpoint => Repair(checkpoint, published), cancellationToken);
        await using var writer = slot.Writer;
        var checkpoint = await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken);
        var placer = new TablePlacer(writer, registry, options.TopicPrefix, PartitionsOf, new SnapshotPlaces(checkpoint));
        var stopped = new StoppedTables(checkpoint, Stop);
        await using var publisher = new EventPublisher(writer, placer, stopped, options.Append.Bytes, clock);
        var shapes = new TableShapes();
        var reads = ReadsOf(checkpoint, published, slot.IsNew, stopped);
        await using var inbox = await TakeRequestsAsync(checkpoint, reads, stopped, cancellationToken);
        await using var snapshot = new SnapshotCoordinator(reads, new PostgresSnapshotReader(postgres, shapes) { OnBeat = Progress.Beat }, Pace(), publisher, inbox, clock,
            new SnapshotEvents(Progress.Note, table => Log.Rewritten(logger, options.Name, table.ToString())));
        await snapshot.FindRewrittenAsync();
        using var feedback = Health.Register($"feedback to source '{options.Name}'", LoopHealth.UsualPatience);
        await using var source = Source(slot, shapes, stopped.Stop, feedback);
        Progress.Begin(placer, stopped);
        Progress.Reach(new PostgresMark(slot.Position, slot.Confirmed > slot.Position.EndLsn ? slot.Confirmed : slot.Position.EndLsn));
        backoff.Reset();
        Log.Streaming(logger, options.Name, slot.Confirmed.ToString(), slot.Position.End);
        await using var watch = new ShutdownWatch(slot.Connection, postgres, () => publisher.Appending, clock);
        await new CapturePipeline(source, publisher, snapshot, options.Snapshot.Mode, Progress).RunAsync(cancellationToken);
    }

    /// <summary>Starts the tables again that somebody asked for while nothing ran; new requests come by the inbox.</summary>
    private async Task<RequestInbox> TakeRequestsAsync(
        Checkpoint checkpoint, TableReads reads, StoppedTables stopped, CancellationToken cancellationToken)
    {
        var topic = new RequestTopic(log, options.TopicPrefix);
        var from = RequestTopic.StartOf(checkpoint);
        var (requests, next) = await topic.ReadAsync(from, cancellationToken);
        foreach (var table in reads.Take(requests))
            stopped.Resume(table.Table);

        if (next > from)
            reads.Note(RequestTopic.TakenUpTo(next));
        return new RequestInbox(topic, next, clock);
    }

    private async Task<OpenedSlot> OpenAsync(
        SlotOpening opening, Func<Task> publish, Func<Checkpoint, IReadOnlyList<CheckpointEntry>> repair, CancellationToken cancellationToken)
    {
        if (Progress.Activity != CaptureActivity.Retrying)
            Progress.Open(CaptureActivity.Connecting);
        using var wait = Progress.Await("the source and its slot");
        return await opening.OpenAsync(publish, repair, cancellationToken);
    }

    private void WaitForSlot(string reason)
    {
        Progress.Open(CaptureActivity.WaitingForSlot);
        Log.Waiting(logger, options.Name, reason);
    }

    private void Stop(TableId table, CdcException error)
    {
        Progress.Note(error);
        Log.TableStopped(logger, options.Name, table.ToString(), error.Describe());
    }

    private PostgresChangeSource Source(OpenedSlot slot, TableShapes shapes, Action<TableId, CdcException> onUnplanned, Loop feedback) => new(
        slot.Connection,
        new StandbyFeedback(slot.Connection, StandbyFeedback.IntervalFor(slot.SenderTimeout), clock) { OnSent = feedback.Tick },
        new RelationPlans(options.Postgres, selection, shapes),
        new TransactionCursor(slot.Position, slot.Confirmed, clock),
        new PostgresSourceBlock(Version, options.TopicPrefix, options.Postgres.Database),
        onUnplanned)
    {
        OnDurable = Progress.Reach,
    };

    /// <summary>Which tables are to be read: those that are published and whose reading the checkpoint does not call complete.</summary>
    private TableReads ReadsOf(Checkpoint checkpoint, ImmutableArray<TableId> published, bool slotIsNew, StoppedTables stopped)
    {
        var topics = SnapshotBounds.Read(checkpoint);
        var reads = new TableReads(checkpoint, ReadLimits.For(options.Snapshot.ChunkBytes), clock);
        foreach (var table in reads.Tables.Select(known => known.Table).Except(published).ToList())
            reads.Forget(table);
        foreach (var table in published)
        {
            var known = reads.Find(table);
            if (options.Snapshot.Mode == SnapshotMode.Never && known is not { Reason: "repair", State: not TableState.Complete })
                reads.AddUnread(table);
            else if (known is null)
                reads.Add(table, isJoining: !slotIsNew, topics.ContainsKey(TopicNaming.TopicOf(options.TopicPrefix, table)) ? "repair" : "first");
            if (stopped.IsStopped(table))
                reads.Find(table)!.Stop();
        }

        return reads;
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
            if (new TablePattern(pattern).Matches(topic))
                return count;
        }

        return 1;
    }
}
