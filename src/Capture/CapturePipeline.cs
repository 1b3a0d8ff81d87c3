using Cdc.Capture.Publishing;
using Cdc.Capture.Sources;

namespace Cdc.Capture;

/// <summary>
/// One session of capture: from the source's socket to the durable log and back. A change is followed through it by the numbers of the
/// stage table in the README.
/// </summary>
public sealed class CapturePipeline(IChangeSource source, EventPublisher publisher, CaptureProgress progress)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled or failed; what was gathered is appended before it ends in order.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var mark = source.Mark();
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!await FillAsync(mark, cancellationToken)) // 1 read
                break;
            mark = await DrainAsync(cancellationToken);
            if (publisher.Appending.IsCompleted && HasSomething())
                await AppendAsync(mark, cancellationToken);
            progress.Tick(publisher.Appended);
        }

        if (HasSomething())
            await AppendAsync(mark, CancellationToken.None);
        await publisher.Appending;
    }

    /// <summary>Waits for the next block; meanwhile, when an append ends, what was gathered during it goes out too.</summary>
    private async Task<bool> FillAsync(SourceMark mark, CancellationToken cancellationToken)
    {
        var filling = source.FillAsync(cancellationToken);
        try
        {
            while (!filling.IsCompleted)
            {
                await Task.WhenAny(filling, Task.Delay(LookInterval, cancellationToken), publisher.Appending.IsCompleted ? filling : publisher.Appending);
                if (!filling.IsCompleted && publisher.Appending.IsCompleted && HasSomething())
                    await AppendAsync(mark, cancellationToken);
            }


            await filling;
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Takes everything out of the present block; answers with how far that reaches.</summary>
    private async Task<SourceMark> DrainAsync(CancellationToken cancellationToken)
    {
        publisher.Tick();
        while (true)
        {
            switch (Encode(out var table))
            {
                case ReadResult.Change:
                    await AppendAsync(source.Mark(), cancellationToken);
                    break;
                case ReadResult.Table:
                    await publisher.PrepareAsync(table!, source.Block, cancellationToken);
                    break;
                default:
                    return source.Mark();
            }
        }
    }

    /// <summary>Encodes changes until the block is used up, the batch is full (Change), or a table has a new shape.</summary>
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
            publisher.Publish(change); // 4 encode
            if (publisher.IsFull && !change.HasMore)
                return ReadResult.Change;
        }
    }

    private bool HasSomething() => publisher.HasRecords || source.WantsCheckpoint;

    private ValueTask AppendAsync(SourceMark mark, CancellationToken cancellationToken) =>
        publisher.AppendAsync(mark, source.Confirm, cancellationToken); // 5 publish, 6 confirm
}
