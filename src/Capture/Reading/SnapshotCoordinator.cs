using Cdc.Capture.Publishing;
using Cdc.Capture.Requests;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Reading;

/// <summary>
/// Reads tables beside the stream: starts reads in sessions of their own, and publishes what they brought between two transactions of the
/// stream. All but the reads themselves is done by the thread that takes the stream's changes, when it calls.
/// </summary>
public sealed partial class SnapshotCoordinator : IAsyncDisposable
{
    private readonly TableSnapshots reads;
    private readonly ISnapshotReader reader;
    private readonly ReadPace pace;
    private readonly EventPublisher publisher;
    private readonly RequestInbox inbox;
    private readonly SourceWatch watch;
    private readonly TimeProvider clock;
    private readonly SnapshotEvents events;
    private readonly CatalogWatch catalog;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<(ChunkWindow Window, Task<SnapshotChunk?> Reading)> underway = [];
    private readonly List<(ChunkWindow Window, SnapshotChunk Chunk)> waiting = [];
    private ulong waitsFor;
    private Task<IReadOnlyList<TableFinding>>? describing;
    private readonly HeldRead held;
    private bool isHoldDue;
    private bool isWaiterTold;
    private string? toldOldest;
    private Task delay = Task.CompletedTask;
    private long delayEnds;
    private bool isSkipped;
    private bool hasBegun;
    private bool isWaiting;
    private long passedAt;
    private long waitingSince;
    private long askedAt;
    private long nextReadAt;

    public SnapshotCoordinator(
        TableSnapshots reads, ISnapshotReader reader, ReadPace pace, EventPublisher publisher, RequestInbox inbox, TimeProvider clock,
        SnapshotEvents events)
    {
        this.reads = reads;
        this.reader = reader;
        this.pace = pace;
        this.publisher = publisher;
        this.inbox = inbox;
        this.clock = clock;
        held = new HeldRead(reads.Keyless, reader, publisher, clock);
        this.events = events;
        catalog = new CatalogWatch(reader, reads, clock);
        watch = new SourceWatch(reader, reads, pace, clock);
        nextReadAt = clock.GetTimestamp();
        reads.OnRestart = Restarted;
        foreach (var table in reads.Tables)
            Report(table);
    }

    /// <summary>
    /// A chunk is read and waits for the stream, or a table is to be read that holds it: a place between two transactions is welcome.
    /// </summary>
    public bool WantsBoundary => waiting.Count > 0 || isHoldDue;

    public bool HasNews => reads.HasNews;

    /// <summary>Every table is read, and nothing waits to be read again.</summary>
    public bool IsDone => catalog.HasLooked && underway.Count == 0 && waiting.Count == 0
        && reads.Tables.All(table => table.Health.IsSettled && (table.State != TableState.Complete || table.Rereads.Count == 0));

    /// <summary>Whether a streamed change is not to be published, because its table's read has it, or will have it.</summary>
    public bool Withholds(in SourceChange change) => reads.Keyless.Withholds(change);

    /// <summary>A change was streamed.</summary>
    public void Observe(in SourceChange change) => reads.Observe(change);

    public AppendNotes TakeNotes() => reads.TakeNotes();

    /// <summary>Completes when <see cref="AdvanceAsync"/> has something to do.</summary>
    public Task WhenDueAsync()
    {
        var limit = isSkipped ? ReadPace.Pass : isWaiting ? ReadPace.Ask : watch.Next < ReadPace.Longest ? watch.Next : ReadPace.Longest;
        var untilRead = clock.GetElapsedTime(clock.GetTimestamp(), nextReadAt);
        if (untilRead > TimeSpan.Zero && untilRead < limit)
            limit = untilRead;
        return Task.WhenAny([DelayAsync(limit), .. underway.Select(read => read.Reading), .. Look(), inbox.Arrival]);
    }

    /// <summary>
    /// Takes what was read and begins what is next. True where something was published or a table's reading begins: it must be appended at
    /// once. While a table without a key is read that is all that it does, so the stream waits.
    /// </summary>
    public async ValueTask<bool> AdvanceAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if (held.Table is not null)
            return await HoldAsync(source, cancellationToken);
        isSkipped = underway.Count + waiting.Count == 0 && describing is null && !hasBegun
            && clock.GetElapsedTime(passedAt) < ReadPace.Pass;
        if (isSkipped)
            return false;
        passedAt = clock.GetTimestamp();
        await TakeRequestsAsync(source, cancellationToken);
        await LookAtCatalogAsync(source.Reached);
        await TakeDescriptionsAsync(source, cancellationToken);
        await TakeReadsAsync();
        TakePassed(source);
        isWaiting = waiting.Count > 0 || catalog.IsWaiting || reads.Keyless.IsPassing || reads.IsHeldBack(source.Reached);
        if (!isWaiting)
            waitingSince = clock.GetTimestamp();
        await watch.AdvanceAsync(isWaiting && clock.GetElapsedTime(waitingSince) >= ReadPace.Patience, stopping.Token);
        TellOldest();
        var published = await TryPublishAsync(source, cancellationToken);
        if (await HoldAsync(source, cancellationToken))
            return true;
        hasBegun = await BeginAsync(source, cancellationToken);
        isHoldDue = reads.Keyless.Next(source.Reached) is not null;
        return published || hasBegun;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await held.DisposeAsync();
        foreach (var (window, reading) in underway)
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (reading.IsCompletedSuccessfully)
                reading.Result?.Rows.Dispose();
        }

        foreach (var (_, chunk) in waiting)
            chunk.Rows.Dispose();
        await ((Task?)describing ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await catalog.Looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await watch.Looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await reader.DisposeAsync();
        reads.Dispose();
        stopping.Dispose();
    }

    /// <summary>One delay serves many waits: under load there are thousands a second.</summary>
    private Task DelayAsync(TimeSpan limit)
    {
        var end = clock.GetTimestamp() + (long)(limit.TotalSeconds * clock.TimestampFrequency);
        if (delay.IsCompleted || end < delayEnds)
            (delay, delayEnds) = (Task.Delay(limit, clock, stopping.Token), end);
        return delay;
    }

    private IEnumerable<Task> Look()
    {
        if (!watch.Looking.IsCompleted)
            yield return watch.Looking;
        if (!catalog.HasLooked)
            yield return catalog.Looking;
        if (describing is not null)
            yield return describing;
    }

    /// <summary>Starts the tables again that somebody asks for; that, and that the request is taken up, is one append.</summary>
    private async ValueTask TakeRequestsAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if (await inbox.TakeAsync() is not { } arrived)
            return;
        foreach (var table in reads.Take(arrived.Requests))
        {
            await ResumeAsync(table, source, cancellationToken);
            Report(table);
        }

        reads.Note(ResyncRequests.TakenUpTo(arrived.Next));
    }

    private async ValueTask TakeDescriptionsAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if (describing is not { IsCompleted: true })
            return;
        var described = await describing;
        describing = null;
        foreach (var (id, found) in described.Select(one => (one.Table, one)))
        {
            if (reads.Find(id) is not { } table || (table.Shape is not null && table.State != TableState.Stopped))
                continue;
            if (found.Error is not null)
                Fail(table, found.Error);
            else
                await TryTakeAsync(table, found.Found, source, cancellationToken);
        }
    }

    private async ValueTask TryTakeAsync(
        TableSnapshot table, TableDescription? found, IChangeSource source, CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(table, found, source, cancellationToken);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            Fail(table, error);
        }
    }

    private async ValueTask TakeAsync(
        TableSnapshot table, TableDescription? found, IChangeSource source, CancellationToken cancellationToken)
    {
        if (found is null)
        {
            reads.Forget(table.Table);
            return;
        }

        if (found.Shape.Schema.Id != table.Table)
            return; // It got another name while it was looked at: the next look says what has this one.
        if (!found.Shape.IsIdentified)
            table.Health.Stop(EventPublisher.Unidentified(table.Table));
        if (table.State == TableState.Stopped)
        {
            await TryResumeAsync(table, found, source, cancellationToken);
            return;
        }

        if (table.State == TableState.Reading)
            await publisher.PrepareAsync(found.Shape, source.Block, cancellationToken); // It may turn out to be complete.
        reads.Describe(table, found);
        Report(table);
    }

    /// <summary>
    /// A stopped table's next try has come: where its shape and schemas will do by now, it is read again, for changes of it are missing.
    /// </summary>
    private async ValueTask TryResumeAsync(
        TableSnapshot table, TableDescription found, IChangeSource source, CancellationToken cancellationToken)
    {
        var error = found.Shape.IsIdentified ? await publisher.ProbeAsync(found.Shape, source.Block, cancellationToken)
            : EventPublisher.Unidentified(table.Table);
        if (error is not null)
        {
            table.Health.Fail(error);
            return;
        }

        reads.Ask(table);
        await ResumeAsync(table, source, cancellationToken);
        Report(table);
    }

    /// <summary>The table continues: shapes that were refused, or never understood, get another chance before its next change.</summary>
    private async ValueTask ResumeAsync(TableSnapshot table, IChangeSource source, CancellationToken cancellationToken)
    {
        await publisher.PrepareAgainAsync(table.Table, source.Block, cancellationToken);
        source.DescribeAgain(table.Table);
    }

    private async ValueTask TakeReadsAsync()
    {
        for (var i = underway.Count - 1; i >= 0; i--)
        {
            var (window, reading) = underway[i];
            if (!reading.IsCompleted)
                continue;
            underway.RemoveAt(i);
            try
            {
                if (await reading is { } chunk)
                    Await(window, chunk);
                else
                    TableSnapshots.LookAgain(window);
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
            {
                TableSnapshots.Close(window);
                Fail(window.Chunk.Table, error);
            }
            catch (CdcException error) when (error.Kind == ErrorKind.SourceUnreachable)
            {
                TableSnapshots.Close(window);
                Lose(window.Chunk.Table, error);
                throw;
            }
        }
    }

    /// <summary>A chunk is read: it waits until the stream is as far as it saw.</summary>
    private void Await(ChunkWindow window, SnapshotChunk chunk)
    {
        waitsFor = waiting.Count == 0 ? chunk.Facts.End : Math.Min(waitsFor, chunk.Facts.End);
        waiting.Add((window, chunk));
    }

    /// <summary>A step of the table's reading failed, which is no gap: its changes are published on, and the step is tried again.</summary>
    private void Fail(TableSnapshot table, CdcException error)
    {
        if (error.Kind == ErrorKind.SourceTableGone)
            reads.Leave(table);
        else
            TableSnapshots.Fail(table, error);
        Report(table);
    }

    /// <summary>
    /// A session was lost while the table was read; where that is no chance any more, the others continue without it for a while.
    /// </summary>
    private static void Lose(TableSnapshot table, CdcException error)
    {
        if (table.Health.Lose())
        {
            TableSnapshots.Fail(table, new CdcException(ErrorCodes.SourceTableCrashes,
                $"Reading table '{table.Table}', the session was lost '{table.Health.Losses}' times in a row; the last " +
                $"time: {error.Message}", error));
        }
    }

    private void Report(TableSnapshot table) =>
        events.OnProgress(new TableSnapshotProgress(table.Table, table.State, table.Rows, table.EstimatedRows, table.StartedAt,
            table.Reason)
        {
            HoldsStream = held.Table == table,
            Waits = held.Table == table ? held.Waiter : table.AwaitsTransactions ? watch.Oldest : null,
        });

    /// <summary>Says for whose transaction tables wait, once a time that it lasts; the status says it as long.</summary>
    private void TellOldest()
    {
        if (watch.Oldest == toldOldest)
            return;
        foreach (var table in reads.Tables.Where(table => table.AwaitsTransactions || toldOldest is not null))
        {
            if (toldOldest is null)
                events.OnWaiting(table.Table, $"it may have been changed before it was published: it is read when {watch.Oldest}");
            Report(table);
        }

        toldOldest = watch.Oldest;
    }
}
