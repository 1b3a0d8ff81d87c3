using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Snapshot;

/// <summary>What is published of the tables that are read.</summary>
public sealed partial class SnapshotCoordinator
{
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

        if (isWaiting && clock.GetElapsedTime(askedAt) >= ReadPace.Ask)
        {
            askedAt = clock.GetTimestamp();
            source.AskForPosition();
        }

        return false;
    }

    /// <summary>Begins the read of a table without a key, or goes on with it; true where that must be appended.</summary>
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
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            await held.CloseAsync();
            if (table.IsReading)
                reads.StartAgain(table);
            Fail(table, error);
        }

        Report(table);
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
        if (table.Health.IsPublished)
            reads.Publish(window, chunk.Facts, count);
        else
            TableReads.Close(window);

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

    private void Slow(int rows)
    {
        if (pace.RowsPerSecond > 0)
            nextReadAt = Math.Max(nextReadAt, clock.GetTimestamp()) + (long)((double)rows / pace.RowsPerSecond * clock.TimestampFrequency);
    }
}
