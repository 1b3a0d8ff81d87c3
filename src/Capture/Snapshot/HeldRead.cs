using Cdc.Capture.Publishing;
using Cdc.Capture.Sources;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Snapshot;

/// <summary>
/// Publishes a table without a key as a whole, between two transactions of the stream, which waits meanwhile: a truncate, then the rows,
/// piece by piece. Used by the thread that takes the stream's changes.
/// </summary>
internal sealed class HeldRead(KeylessReads rule, ISnapshotReader reader, EventPublisher publisher, TimeProvider clock) : IAsyncDisposable
{
    private WholeTable? open;

    /// <summary>The table that the stream waits for; null where it does not.</summary>
    public TableProgress? Table { get; private set; }

    /// <summary>Begins to read a table that is due; true where its truncate is published and must be appended.</summary>
    public async ValueTask<bool> TryBeginAsync(IChangeSource source, int pieceBytes, CancellationToken cancellationToken)
    {
        if (!source.IsBetweenTransactions || rule.Next(source.Reached) is not { } due)
            return false;
        Table = due;
        open = await reader.OpenWholeAsync(due, pieceBytes, cancellationToken);
        if (open is null)
            due.Shape = null;
        if (open is null || !rule.TryBegin(due, open.Facts))
        {
            await CloseAsync();
            return false;
        }

        await publisher.PrepareAsync(due.Shape!, source.Block, cancellationToken);
        source.Block.BeginRead(clock.GetUtcNow());
        publisher.Publish(new SourceChange { Table = due.Shape!, Operation = Operation.Truncate, Reading = ReadingOf(due) });
        source.Block.EndRead();
        return true;
    }

    /// <summary>Publishes the next rows, or ends behind the last; either must be appended.</summary>
    public async ValueTask AdvanceAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        var table = Table!;
        using var rows = await open!.ReadAsync(cancellationToken);
        if (rows is not null)
            table.Rows += Publish(table, rows, source.Block);
        else
            rule.End(table, open.Facts);
        table.IsChanged = true;
        if (publisher.IsStopped(table.Table))
            table.Stop();
        if (rows is null || table.State == TableState.Stopped)
            await CloseAsync();
    }

    /// <summary>The stream goes on.</summary>
    public async ValueTask CloseAsync()
    {
        Table = null;
        if (open is not null)
            await open.DisposeAsync();
        open = null;
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private static TableReading ReadingOf(TableProgress table) => new(table.SnapshotId, table.Reason);

    private int Publish(TableProgress table, ChunkRows rows, SourceBlock block)
    {
        var (shape, reading, count) = (table.Shape!, ReadingOf(table), 0);
        publisher.Tick();
        block.BeginRead(clock.GetUtcNow());
        while (rows.TryRead(out var row, out var columns))
        {
            publisher.Publish(new SourceChange { Table = shape, Operation = Operation.Read, Reading = reading, After = new RowImage(row, columns) });
            count++;
        }

        block.EndRead();
        return count;
    }
}
