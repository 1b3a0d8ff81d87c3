using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Consuming;

namespace Cdc.Sink;

/// <summary>
/// What a sink's loop leads: where records come from, who takes and applies them, and who knows which topics are stopped.
/// </summary>
public sealed record SinkParts(ITopicLog Log, RecordIntake Intake, BatchApplier Applier, TopicTroubles Troubles);

/// <summary>
/// One session of a sink: from the topics to the target and the ledger. Decoding of the next batch overlaps the merge of the present one;
/// two batches, no more (Invariant 7). A change is followed through it by the numbers of the stage table in CONTRIBUTING.md.
/// </summary>
public sealed class SinkPipeline
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(250);

    /// <summary>A batch so many times as large as it should be holds a value that is.</summary>
    private const int MostAhead = 2;

    /// <summary>How long the target may take for what is under way once the sink is told to stop.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(8);

    private readonly BatchOptions limits;
    private readonly ITopicLog log;
    private readonly RecordIntake intake;
    private readonly BatchApplier applier;
    private readonly TopicTroubles troubles;
    private readonly SinkProgress progress;
    private readonly SinkAssignments assignments;
    private readonly TimeProvider clock;
    private readonly ReadersTurn turn;
    private SinkBatch filling;
    private SinkBatch spare;
    private Task applying = Task.CompletedTask;
    private CdcException? lost;

    public SinkPipeline(SinkOptions options, SinkParts parts, SinkProgress progress, TimeProvider clock, Action<CdcException> onTrouble)
    {
        limits = options.Batch;
        (log, intake, applier, troubles) = parts;
        this.progress = progress;
        assignments = new SinkAssignments(options, parts, progress, clock, onTrouble);
        this.clock = clock;
        turn = new ReadersTurn(options.DuckDb?.ClosedTime ?? TimeSpan.Zero, clock);
        var pool = new BatchPool(3 * limits.Bytes);
        filling = new SinkBatch(limits, clock, pool);
        spare = new SinkBatch(limits, clock, pool);
    }

    /// <summary>Runs until cancelled or failed; a batch under way is applied before it ends in order.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var leaving = new CancellationTokenSource();
        await using var stop = cancellationToken.UnsafeRegister(_ => leaving.CancelAfter(Farewell), null);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(leaving.Token, cancellationToken);
            }
            catch (CdcException error) when (assignments.CanFollow(error))
            {
                assignments.Follow(error);
                intake.Forget();
                filling.Clear();
                spare.Clear();
                applying = Task.CompletedTask;
            }
        }
    }

    /// <summary>From the ledger on, until the topics, or which of them can be read, are others.</summary>
    /// <param name="leaving">Ends what the target is at.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    private async Task ReadAsync(CancellationToken leaving, CancellationToken cancellationToken)
    {
        var version = log.TopicsVersion;
        var starts = await assignments.AssignAsync(cancellationToken);
        await using var reader = await TryReadAsync(() => log.OpenReaderAsync(starts, cancellationToken));
        while (reader is not null && !cancellationToken.IsCancellationRequested && log.TopicsVersion == version)
        {
            progress.Tick();
            if (!await ConsumeAsync(reader, leaving, cancellationToken)) // 7 consume, 8 batch
                break;
            if (IsDue)
                await FlushAsync(leaving); // 9 evolve, 10 stage + merge, 11 commit
            if (spare.Bytes > MostAhead * limits.Bytes)
                await AppliedAloneAsync();
            if (assignments.IsLookDue && !await LookAsync(cancellationToken))
                break;
        }

        await FlushAsync(leaving);
        await AppliedAsync();
        // What a table brought that was refused in that very moment comes again from its ledger on: it must not be there twice.
        filling.Clear();
    }

    /// <summary>Takes the next records, if any come in time. False where there is nothing to read any more.</summary>
    private async Task<bool> ConsumeAsync(ITopicReader reader, CancellationToken leaving, CancellationToken cancellationToken)
    {
        try
        {
            using var block = await TryReadAsync(() => reader.ReadAsync(Patience, cancellationToken));
            if (block is null)
                return false;
            while (await intake.TakeAsync(block, filling, cancellationToken) == BlockEnd.BatchFull)
                await MakeRoomAsync(leaving, cancellationToken);
            lost = null;
            if (block.IsEmpty && filling.IsOld && !applying.IsCompleted)
                // The target has the batch before: what comes meanwhile comes after.
                await Task.WhenAny(applying, Task.Delay(IdleWait, clock, cancellationToken));
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>How long records are waited for: until the batch is due.</summary>
    private TimeSpan Patience => filling.IsEmpty
        ? IdleWait
        : Longer(TimeSpan.Zero, Longer(Shorter(filling.Left, IdleWait), Shorter(turn.Left, IdleWait)));

    /// <summary>
    /// Null where retention overtook the reader: the next assignment finds the gap in the ledger, and which table it stops. Twice without
    /// a block in between, the log contradicts itself, and that is thrown.
    /// </summary>
    private async ValueTask<T?> TryReadAsync<T>(Func<ValueTask<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (CdcException error) when (error.Kind == ErrorKind.LogPositionLost && lost is null)
        {
            lost = error;
            return null;
        }
    }

    /// <summary>Looks at what captures note. False where the assignment has to be made again.</summary>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        await AppliedAsync(); // The ledger does not move meanwhile.
        return await assignments.LookAsync(cancellationToken);
    }

    /// <summary>
    /// A batch that is old enough goes out as soon as the one before is done, and readers had their turn; until then it grows.
    /// </summary>
    private bool IsDue => filling.IsOld && applying.IsCompleted && turn.Left == TimeSpan.Zero;

    /// <summary>What is gathered takes no more: it goes out at once, unless readers have waited for long.</summary>
    private async Task MakeRoomAsync(CancellationToken leaving, CancellationToken cancellationToken)
    {
        await AppliedAsync();
        if (turn.IsOverdue)
        {
            using var wait = progress.Await("the target's readers");
            await Task.Delay(turn.Left, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await FlushAsync(leaving);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await AppliedAsync();
        if (filling.IsEmpty)
            return;
        (filling, spare) = (spare, filling);
        applying = ApplyAsync(spare, cancellationToken);
    }

    /// <summary>The batch under way is applied; a target may take any time.</summary>
    private async ValueTask AppliedAsync()
    {
        if (!applying.IsCompleted)
        {
            using var wait = progress.Await("the target");
            await applying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await applying;
    }

    /// <summary>
    /// What is much larger than a batch should be has the memory to itself (Invariant 7): nothing is read meanwhile, and what it was read
    /// from is gone.
    /// </summary>
    private async Task AppliedAloneAsync()
    {
        ByteArrays.CollectDropped();
        await AppliedAsync();
        ByteArrays.CollectDropped();
    }

    private async Task ApplyAsync(SinkBatch batch, CancellationToken cancellationToken)
    {
        await Task.Yield(); // The reader continues while the target works.
        var began = clock.GetTimestamp();
        turn.Begin();
        await applier.ApplyAsync(batch, assignments.Ledger, cancellationToken);
        turn.End();
        progress.Applied(batch, assignments.Ledger, clock.GetElapsedTime(began));
        foreach (var partition in batch.Progress.Keys)
            troubles.Applied(partition.Topic);
        batch.Clear();
    }
}
