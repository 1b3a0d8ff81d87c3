using Cdc.Capture.Publishing;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Snapshot;

/// <summary>
/// Reads tables beside the stream: starts reads in sessions of their own, and publishes what they brought between two transactions of the
/// stream. All but the reads themselves is done by the thread that takes the stream's changes, when it calls.
/// </summary>
public sealed class SnapshotCoordinator : IAsyncDisposable
{
    private readonly TableReads reads;
    private readonly ISnapshotReader reader;
    private readonly ReadPace pace;
    private readonly EventPublisher publisher;
    private readonly SourceWatch watch;
    private readonly TimeProvider clock;
    private readonly Action<TableReadProgress> onProgress;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<(ChunkWindow Window, Task<ReadChunk?> Reading)> underway = [];
    private readonly List<(ChunkWindow Window, ReadChunk Chunk)> waiting = [];
    private readonly Dictionary<TableProgress, Task<TableDescription?>> describing = [];
    private readonly HeldRead held;
    private bool isHoldDue;
    private Task delay = Task.CompletedTask;
    private long delayEnds;
    private bool isSkipped;
    private long passedAt;
    private long waitingSince;
    private long askedAt;
    private long nextReadAt;

    public SnapshotCoordinator(
        TableReads reads, ISnapshotReader reader, ReadPace pace, EventPublisher publisher, TimeProvider clock, Action<TableReadProgress> onProgress)
    {
        this.reads = reads;
        this.reader = reader;
        this.pace = pace;
        this.publisher = publisher;
        this.clock = clock;
        this.onProgress = onProgress;
        held = new HeldRead(reads.Keyless, reader, publisher, clock);
        watch = new SourceWatch(reader, reads, pace, clock);
        nextReadAt = clock.GetTimestamp();
        foreach (var table in reads.Tables)
            Report(table);
    }

    /// <summary>A chunk is read and waits for the stream, or a table is to be read that holds it: a place between two transactions is welcome.</summary>
    public bool WantsBoundary => waiting.Count > 0 || isHoldDue;

    public bool HasNews => reads.HasNews;

    /// <summary>Every table is read, and nothing waits to be read again.</summary>
    public bool IsDone => underway.Count == 0 && waiting.Count == 0
        && reads.Tables.All(table => table.State == TableState.Stopped || (table.State == TableState.Complete && table.Rereads.Count == 0));

    /// <summary>Whether a streamed change is not to be published, because its table's read has it, or will have it.</summary>
    public bool Withholds(in SourceChange change) => reads.Keyless.Withholds(change);

    /// <summary>A change was streamed.</summary>
    public void Observe(in SourceChange change) => reads.Observe(change);

    /// <summary>The stream shows a table: one that is not known has joined by now.</summary>
    public void Meet(SourceTable table)
    {
        if (reads.Find(table.Schema.Id) is not null)
            return;
        if (pace.ReadsNewTables)
            reads.Add(table.Schema.Id, isJoining: true);
        else
            reads.AddUnread(table.Schema.Id);
    }

    public IReadOnlyList<CheckpointEntry> TakeEntries() => reads.TakeEntries();

    /// <summary>Completes when <see cref="AdvanceAsync"/> has something to do.</summary>
    public Task WhenDueAsync()
    {
        var limit = isSkipped ? ReadPace.Pass : WaitsForStream ? ReadPace.Ask : watch.Next < ReadPace.Longest ? watch.Next : ReadPace.Longest;
        var untilRead = clock.GetElapsedTime(clock.GetTimestamp(), nextReadAt);
        if (untilRead > TimeSpan.Zero && untilRead < limit)
            limit = untilRead;
        return Task.WhenAny([DelayAsync(limit), .. underway.Select(read => read.Reading), .. describing.Values, .. Look()]);
    }

    /// <summary>
    /// Takes what was read and begins what is next. True where something was published: it must be appended at once. While a table without
    /// a key is read that is all that it does, so the stream waits.
    /// </summary>
    public async ValueTask<bool> AdvanceAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if (held.Table is not null)
            return await HoldAsync(source, cancellationToken);
        isSkipped = underway.Count + waiting.Count + describing.Count == 0 && clock.GetElapsedTime(passedAt) < ReadPace.Pass;
        if (isSkipped)
            return false;
        passedAt = clock.GetTimestamp();
        StopStopped();
        await TakeDescriptionsAsync();
        await TakeReadsAsync();
        await watch.AdvanceAsync(WaitsForStream && clock.GetElapsedTime(waitingSince) >= ReadPace.Patience, stopping.Token);
        TakePassed(source);
        if (await TryPublishAsync(source, cancellationToken) || await HoldAsync(source, cancellationToken))
            return true;
        Begin(source);
        isHoldDue = reads.Keyless.Next(source.Reached) is not null;
        return false;
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
        foreach (var description in describing.Values)
            await ((Task)description).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await watch.Looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await reader.DisposeAsync();
        reads.Dispose();
        stopping.Dispose();
    }

    private bool WaitsForStream => waiting.Count > 0 || reads.Keyless.IsPassing;

    /// <summary>One delay serves many waits: under load there are thousands a second.</summary>
    private Task DelayAsync(TimeSpan limit)
    {
        var end = clock.GetTimestamp() + (long)(limit.TotalSeconds * clock.TimestampFrequency);
        if (delay.IsCompleted || end < delayEnds)
            (delay, delayEnds) = (Task.Delay(limit, clock, stopping.Token), end);
        return delay;
    }

    private IEnumerable<Task> Look() => watch.Looking.IsCompleted ? [] : [watch.Looking];

    /// <summary>A change that could not be encoded stopped its table: its reads end too.</summary>
    private void StopStopped()
    {
        if (!publisher.HasStopped)
            return;
        foreach (var table in reads.Tables.Where(table => table.State != TableState.Stopped && publisher.IsStopped(table.Table)))
        {
            table.Stop();
            Report(table);
        }
    }

    private async ValueTask TakeDescriptionsAsync()
    {
        foreach (var (table, task) in describing.Where(pair => pair.Value.IsCompleted).ToList())
        {
            describing.Remove(table);
            try
            {
                Take(table, await task);
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
            {
                Stop(table, error);
            }
        }
    }

    private void Take(TableProgress table, TableDescription? found)
    {
        if (table.State == TableState.Stopped)
            return;
        if (found is null)
        {
            reads.Forget(table.Table);
            return;
        }

        if (!found.Shape.IsIdentified)
        {
            Stop(table, EventPublisher.Unidentified(table.Table));
            return;
        }

        table.EstimatedRows = found.EstimatedRows;
        reads.Describe(table, found.Shape, found.Oid, found.Parts);
        Report(table);
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
                    Wait(window, chunk);
                else
                    TableReads.LookAgain(window);
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
            {
                Stop(window.Chunk.Table, error);
                TableReads.Close(window);
            }
        }
    }

    private void Wait(ChunkWindow window, ReadChunk chunk)
    {
        if (!WaitsForStream)
            waitingSince = clock.GetTimestamp();
        waiting.Add((window, chunk));
    }

    /// <summary>Publishes the first chunk that may be; where none may yet, asks how far the stream is.</summary>
    private async ValueTask<bool> TryPublishAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if (!source.IsBetweenTransactions)
            return false;
        for (var i = 0; i < waiting.Count; i++)
        {
            var (window, chunk) = waiting[i];
            var verdict = reads.Judge(window, chunk.Facts, source.Reached);
            if (verdict == ChunkVerdict.Wait)
                continue;
            waiting.RemoveAt(i--);
            waitingSince = clock.GetTimestamp();
            using (chunk.Rows)
            {
                if (verdict != ChunkVerdict.Publish)
                    continue;
                await PublishAsync(window, chunk, source, cancellationToken);
                return true;
            }
        }

        if (WaitsForStream && clock.GetElapsedTime(askedAt) >= ReadPace.Ask)
        {
            askedAt = clock.GetTimestamp();
            source.AskForPosition();
        }

        return false;
    }

    /// <summary>Begins the read of a table without a key, or goes on with it; true where something was published.</summary>
    private async ValueTask<bool> HoldAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        var table = held.Table ?? reads.Keyless.Next(source.Reached);
        try
        {
            if (held.Table is null)
                return await held.TryBeginAsync(source, pace.PieceBytes, cancellationToken);
            await held.AdvanceAsync(source, cancellationToken);
            waitingSince = clock.GetTimestamp();
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            await held.CloseAsync();
            Stop(table!, error);
        }

        Report(table!);
        return true;
    }

    private void TakePassed(IChangeSource source)
    {
        while (reads.Keyless.TakePassed(source.Reached) is { } table)
            Report(table);
    }

    private async ValueTask PublishAsync(ChunkWindow window, ReadChunk chunk, IChangeSource source, CancellationToken cancellationToken)
    {
        await publisher.PrepareAsync(window.Chunk.Shape, source.Block, cancellationToken);
        var count = PublishRows(window, chunk, source.Block);
        var table = window.Chunk.Table;
        if (publisher.IsStopped(table.Table))
        {
            table.Stop();
            TableReads.Close(window);
        }
        else
        {
            reads.Publish(window, chunk.Facts, count);
        }

        Slow(chunk.Facts.Rows);
        Report(table);
    }

    private int PublishRows(ChunkWindow window, ReadChunk chunk, SourceBlock block)
    {
        using var reconciler = new ChunkReconciler(window, chunk.Facts.Snapshot);
        var count = 0;
        publisher.Tick();
        block.BeginRead(clock.GetUtcNow());
        while (chunk.Rows.TryRead(out var row, out var columns))
        {
            if (!reconciler.Keeps(row, columns))
                continue;
            publisher.Publish(new SourceChange
            {
                Table = window.Chunk.Shape,
                Operation = Operation.Read,
                Reading = window.Chunk.Reading,
                After = new RowImage(row, columns),
            });
            count++;
        }

        block.EndRead();
        return count;
    }

    private void Begin(IChangeSource source)
    {
        foreach (var table in reads.ToDescribe().Where(table => !describing.ContainsKey(table)).ToList())
            describing.Add(table, Task.Run(() => reader.DescribeAsync(table.Table, stopping.Token), stopping.Token));

        // What was read and waits counts too: that bounds the memory (Invariant 7).
        while (underway.Count + waiting.Count < pace.Parallel && clock.GetTimestamp() >= nextReadAt && reads.TryOpen(source.Reached) is { } window)
            underway.Add((window, Task.Run(() => reader.ReadAsync(window.Chunk, stopping.Token), stopping.Token)));
    }

    private void Slow(int rows)
    {
        if (pace.RowsPerSecond > 0)
            nextReadAt = Math.Max(nextReadAt, clock.GetTimestamp()) + (long)((double)rows / pace.RowsPerSecond * clock.TimestampFrequency);
    }

    private void Stop(TableProgress table, CdcException error)
    {
        publisher.Stop(table.Table, error);
        table.Stop();
        Report(table);
    }

    private void Report(TableProgress table) =>
        onProgress(new TableReadProgress(table.Table, table.State, table.Rows, table.EstimatedRows, table.StartedAt) { HoldsStream = held.Table == table });
}
