using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Reading;

/// <summary>What is published of the tables that are read.</summary>
public sealed partial class SnapshotCoordinator
{
    /// <summary>Publishes the chunks that may be, as many as one append holds; where none may yet, asks how far the stream is.</summary>
    private async ValueTask<bool> TryPublishAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if (!source.IsBetweenTransactions)
            return false;
        var isPublished = false;
        if (waiting.Count > 0 && source.Reached >= waitsFor)
            isPublished = await PublishWaitingAsync(source, cancellationToken);
        if (!isPublished && isWaiting && clock.GetElapsedTime(askedAt) >= ReadPace.Ask)
        {
            askedAt = clock.GetTimestamp();
            source.AskForPosition();
        }

        return isPublished;
    }

    private async ValueTask<bool> PublishWaitingAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        var isPublished = false;
        waitsFor = ulong.MaxValue;
        for (var i = 0; i < waiting.Count;)
        {
            var (window, chunk) = waiting[i];
            var verdict = publisher.IsFull ? ChunkVerdict.Wait : reads.Judge(window, chunk.Facts, source.Reached);
            if (verdict == ChunkVerdict.Wait)
            {
                waitsFor = Math.Min(waitsFor, chunk.Facts.End);
                i++;
                continue;
            }

            waiting.RemoveAt(i);
            waitingSince = clock.GetTimestamp();
            using (chunk.Rows)
            {
                if (verdict != ChunkVerdict.Publish)
                    continue;
                await PublishAsync(window, chunk, source, cancellationToken);
                isPublished = true;
            }
        }

        return isPublished;
    }

    /// <summary>Begins the read of a table without a key, or continues with it; true where that must be appended.</summary>
    private async ValueTask<bool> HoldAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if ((held.Table ?? reads.Keyless.Next(source.Reached)) is not { } table)
            return false;
        try
        {
            if (held.Table is not null)
                await held.AdvanceAsync(source, cancellationToken);
            else if (!await held.TryBeginAsync(table, source, pace.PieceBytes, cancellationToken))
                return false;
            waitingSince = clock.GetTimestamp();
            TellWaiter(table);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            await held.CloseAsync();
            if (error.Code == ErrorCodes.SourceReadGaveWay)
                table.Yields++;
            if (table.IsReading)
                reads.StartAgain(table); // With a new truncate.
            Fail(table, error);
        }

        Report(table);
        return true;
    }

    /// <summary>The read gave way often enough: now it keeps somebody waiting, and says whom.</summary>
    private void TellWaiter(TableSnapshot table)
    {
        if (held.Waiter is { } waiter && !isWaiterTold)
            events.OnWaiting(table.Table, $"it is read as a whole, and {waiter} waits for that");
        isWaiterTold = held.Waiter is not null;
    }

    private void TakePassed(IChangeSource source)
    {
        while (reads.Keyless.TakePassed(source.Reached) is { } table)
            Report(table);
    }

    private async ValueTask PublishAsync(ChunkWindow window, SnapshotChunk chunk, IChangeSource source, CancellationToken cancellationToken)
    {
        await publisher.PrepareAsync(window.Chunk.Shape, source.Block, cancellationToken);
        var count = PublishRows(window, chunk, source.Block);
        var table = window.Chunk.Table;
        if (table.Health.IsPublished)
            reads.Publish(window, chunk.Facts, count);
        else
            TableSnapshots.Close(window);

        Slow(chunk.Facts.Rows);
        Report(table);
    }

    private int PublishRows(ChunkWindow window, SnapshotChunk chunk, SourceBlock block)
    {
        using var reconciler = new ChunkReconciler(window, chunk.Facts.Sight);
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

    private void Slow(int rows)
    {
        if (pace.RowsPerSecond > 0)
            nextReadAt = Math.Max(nextReadAt, clock.GetTimestamp()) + (long)((double)rows / pace.RowsPerSecond * clock.TimestampFrequency);
    }
}
