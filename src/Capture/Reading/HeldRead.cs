using Cdc.Capture.Publishing;
using Cdc.Capture.Sources;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Reading;

/// <summary>
/// Publishes a table without a key as a whole, between two transactions of the stream, which waits meanwhile: a truncate, then the rows,
/// piece by piece. Used by the thread that takes the stream's changes.
/// </summary>
internal sealed class HeldRead(KeylessReads rule, ISnapshotReader reader, EventPublisher publisher, TimeProvider clock) : IAsyncDisposable
{
    private TableScan? open;
    private bool isEmptied;

    /// <summary>The table that the stream waits for; null where it does not.</summary>
    public TableSnapshot? Table { get; private set; }

    /// <summary>Who has waited for long because of the read; null for nobody.</summary>
    public string? Waiter => open?.Waiter;

    /// <summary>
    /// Begins to read a table that is due; true where that must be appended, which notes where the reading begins, before anything of it.
    /// </summary>
    public async ValueTask<bool> TryBeginAsync(TableSnapshot due, IChangeSource source, int pieceBytes, CancellationToken cancellationToken)
    {
        if (!source.IsBetweenTransactions)
            return false;
        await publisher.PrepareAsync(due.Shape!, source.Block, cancellationToken);
        if (!due.Health.IsPublished)
            return true;

        open = await reader.OpenWholeAsync(due, pieceBytes, cancellationToken);
        if (open is null)
            due.Shape = null;
        if (open is null || !rule.TryBegin(due, open.Facts))
        {
            await CloseAsync();
            return false;
        }

        (Table, isEmptied) = (due, false);
        return true;
    }

    /// <summary>Publishes the next rows, the first behind a truncate, or ends behind the last; either must be appended.</summary>
    public async ValueTask AdvanceAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        var table = Table!;
        using var rows = await open!.ReadAsync(cancellationToken);
        Publish(table, rows, source.Block);
        if (rows is null)
            rule.End(table, open.Facts);
        table.IsChanged = true;
        if (rows is null || !table.Health.IsPublished)
            await CloseAsync();
    }

    /// <summary>The stream continues.</summary>
    public async ValueTask CloseAsync()
    {
        Table = null;
        if (open is not null)
            await open.DisposeAsync();
        open = null;
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private void Publish(TableSnapshot table, ChunkRows? rows, SourceBlock block)
    {
        var (shape, reading) = (table.Shape!, new SnapshotOrigin(table.SnapshotId, table.Reason));
        publisher.Tick();
        block.BeginRead(clock.GetUtcNow());
        if (!isEmptied)
            publisher.Publish(new SourceChange { Table = shape, Operation = Operation.Truncate, Reading = reading });
        isEmptied = true;
        while (rows is not null && rows.TryRead(out var row, out var columns))
        {
            publisher.Publish(new SourceChange
            {
                Table = shape, Operation = Operation.Read, Reading = reading, After = new RowImage(row, columns),
            });
            table.Rows++;
        }

        block.EndRead();
    }
}
