using Cdc.Capture.Publishing;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;

namespace Cdc.Capture;

/// <summary>
/// One session of capture: from the source's socket to the durable log and back. The stages of the table in CONTRIBUTING.md, with their
/// numbers:
/// <list type="number">
/// <item>read: <see cref="IChangeSource.FillAsync"/> has the next block come in, while the one before is worked on;</item>
/// <item>decode and</item>
/// <item>shape: <see cref="IChangeSource.TryRead"/> takes one change after another off it;</item>
/// <item>encode: <see cref="EventPublisher.Publish"/>, onto the batch;</item>
/// <item>publish: <see cref="EventPublisher.AppendAsync"/>, records and what the checkpoint notes of them in one append;</item>
/// <item>confirm: <see cref="IChangeSource.Confirm"/>, once that is durable.</item>
/// </list>
/// Beside them, between two transactions, <see cref="SnapshotCoordinator.AdvanceAsync"/> publishes what was read of tables.
/// </summary>
public sealed class CapturePipeline(
    IChangeSource source, EventPublisher publisher, SnapshotCoordinator snapshot, SnapshotMode mode, CaptureProgress progress)
{
    /// <summary>
    /// Runs until cancelled or failed, or until all is read where that is all that is wanted; what was gathered is appended before it ends
    /// in order. However it ends, nobody waits for the source any more.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var filling = source.FillAsync(ending.Token); // 1 read
        try
        {
            while (!cancellationToken.IsCancellationRequested && !IsOver)
            {
                await WaitAsync(filling);
                var isFilled = filling.IsCompleted;
                if (isFilled)
                {
                    await filling;
                    await DrainAsync(ending.Token);
                }

                await ReadTablesAsync(ending.Token);
                if (publisher.Appending.IsCompleted && HasSomething())
                    await AppendAsync(ending.Token);
                // Only now: where a stream gathers, this thread waits a moment, and what it has is on its way by then.
                if (isFilled)
                    filling = source.FillAsync(ending.Token);
                progress.Tick(publisher.Appended, publisher.AppendedBytes);
            }

            await EndAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await EndAsync(); // Asked to end: in order.
        }
        finally
        {
            await ending.CancelAsync();
            await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>All is read where that is all that is wanted.</summary>
    public bool IsOver => mode == SnapshotMode.Only && snapshot.IsDone && !snapshot.HasNews;

    private async Task EndAsync()
    {
        if (HasSomething())
            await AppendAsync(CancellationToken.None);
        await publisher.Appending;
        progress.Tick(publisher.Appended, publisher.AppendedBytes);
    }

    /// <summary>Waits for the next block, for the end of the append under way if something else was gathered, or for a read.</summary>
    private async ValueTask WaitAsync(Task filling)
    {
        if (filling.IsCompleted)
            return;
        if (HasSomething())
            await Task.WhenAny(filling, snapshot.WhenDueAsync(), publisher.Appending);
        else
            await Task.WhenAny(filling, snapshot.WhenDueAsync());
    }

    /// <summary>Takes everything out of the present block.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        publisher.Tick();
        while (true)
        {
            switch (Encode(out var table))
            {
                case ReadResult.Change:
                    await AppendAsync(cancellationToken);
                    break;
                case ReadResult.Table:
                    snapshot.Meet(table!);
                    await publisher.PrepareAsync(table!, source.Block, cancellationToken);
                    break;
                case ReadResult.Boundary:
                    await ReadTablesAsync(cancellationToken);
                    break;
                default:
                    return;
            }
        }
    }

    /// <summary>
    /// Encodes changes until the block is used up, the batch is full (Change), a table has a new shape, or a transaction ended where that
    /// is asked for.
    /// </summary>
    private ReadResult Encode(out SourceTable? table)
    {
        table = null;
        while (true)
        {
            var result = source.TryRead(out var change); // 2 decode, 3 shape
            if (result == ReadResult.Table)
                table = change.Table;
            if (result != ReadResult.Change)
                return result;
            if (!snapshot.Withholds(change))
                publisher.Publish(change); // 4 encode
            snapshot.Observe(change);
            if (publisher.IsFull && !change.HasMore)
                return ReadResult.Change;
        }
    }

    /// <summary>Lets the reading of tables continue; a chunk's rows and its progress are one append (Invariant 3).</summary>
    private async ValueTask ReadTablesAsync(CancellationToken cancellationToken)
    {
        while (await snapshot.AdvanceAsync(source, cancellationToken))
        {
            await AppendAsync(cancellationToken);
            progress.Tick(publisher.Appended, publisher.AppendedBytes);
        }

        source.StopsBetweenTransactions = snapshot.WantsBoundary;
    }

    private bool HasSomething() => publisher.HasRecords || source.WantsCheckpoint || snapshot.HasNews;

    private ValueTask AppendAsync(CancellationToken cancellationToken) =>
        publisher.AppendAsync(source.Mark(), snapshot.TakeNotes(), source.Confirm, cancellationToken); // 5 publish, 6 confirm
}
