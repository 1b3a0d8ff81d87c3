using Cdc.Contracts.Positions;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Cdc.Sink.Consuming;
using Cdc.Sink.Writers;

namespace Cdc.Sink;

/// <summary>
/// One session of a sink: from the topics to the target and the ledger. Decoding of the next batch overlaps the merge of the present one;
/// two batches, no more (Invariant 7). A change is followed through it by the numbers of the stage table in the README.
/// </summary>
public sealed class SinkPipeline
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(250);

    private readonly SinkOptions options;
    private readonly ITopicLog log;
    private readonly RecordIntake intake;
    private readonly BatchApplier applier;
    private readonly SinkProgress progress;
    private readonly TimeProvider clock;
    private readonly TableSelection subscription;
    private readonly Dictionary<TopicPartition, LedgerEntry> ledger = [];
    private SinkBatch filling;
    private SinkBatch spare;
    private Task applying = Task.CompletedTask;

    public SinkPipeline(SinkOptions options, ITopicLog log, RecordIntake intake, BatchApplier applier, SinkProgress progress, TimeProvider clock)
    {
        this.options = options;
        this.log = log;
        this.intake = intake;
        this.applier = applier;
        this.progress = progress;
        this.clock = clock;
        subscription = new TableSelection(options.Subscribe);
        filling = new SinkBatch(clock);
        spare = new SinkBatch(clock);
    }

    /// <summary>Runs until cancelled or failed; a batch under way is applied before it ends in order.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var version = log.TopicsVersion;
            await using var reader = await AssignAsync(cancellationToken);
            while (!cancellationToken.IsCancellationRequested && log.TopicsVersion == version)
            {
                progress.Tick();
                if (!await ConsumeAsync(reader, cancellationToken)) // 7 consume, 8 batch
                    break;
                if (IsDue())
                    await FlushAsync(cancellationToken); // 9 evolve, 10 stage + merge, 11 commit
            }

            await FlushAsync(CancellationToken.None);
            await applying;
        }
    }

    private async Task<ITopicReader> AssignAsync(CancellationToken cancellationToken)
    {
        var topics = (await log.DescribeTopicsAsync(cancellationToken)).Where(topic => subscription.Includes(topic.Topic)).ToList();
        using var wait = progress.Await("the target");
        var assignment = await applier.AssignAsync(entries => Assignment.Plan(options.Name, topics, entries), cancellationToken);
        ledger.Clear();
        foreach (var (partition, entry) in assignment.Ledger)
            ledger.Add(partition, entry);
        progress.Assigned(ledger.Values);
        var starts = assignment.Starts;
        intake.Assign(starts.Select(start => start.TopicPartition));
        return await log.OpenReaderAsync(starts, cancellationToken);
    }

    private async Task<bool> ConsumeAsync(ITopicReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var wait = filling.IsEmpty ? IdleWait : options.Batch.Time - filling.Age;
            using var block = await reader.ReadAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
            await intake.TakeAsync(block, () => filling, () => IsFull, () => FlushAsync(cancellationToken), cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private bool IsFull => filling.Changes >= options.Batch.Rows || filling.Bytes >= options.Batch.Bytes;

    /// <summary>A batch that is old enough goes out as soon as the one before is done; until then it grows.</summary>
    private bool IsDue() => !filling.IsEmpty && filling.Age >= options.Batch.Time && applying.IsCompleted;

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

    private async Task ApplyAsync(SinkBatch batch, CancellationToken cancellationToken)
    {
        await Task.Yield(); // The reader goes on while the target works.
        var began = clock.GetTimestamp();
        await applier.ApplyAsync(batch, ledger, cancellationToken);
        progress.Applied(batch, ledger, clock.GetElapsedTime(began));
        batch.Clear();
    }
}
