using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Consuming;
using Cdc.Sink.Writers;

namespace Cdc.Sink;

/// <summary>
/// What a sink's loop leads: where records come from, who takes and applies them, and who knows which topics stand still.
/// </summary>
public sealed record SinkParts(ITopicLog Log, RecordIntake Intake, BatchApplier Applier, TopicTroubles Troubles);

/// <summary>
/// One session of a sink: from the topics to the target and the ledger. Decoding of the next batch overlaps the merge of the present one;
/// two batches, no more (Invariant 7). A change is followed through it by the numbers of the stage table in the README.
/// </summary>
public sealed class SinkPipeline
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MoveMemory = TimeSpan.FromMinutes(1);

    /// <summary>A batch so many times as large as it should be holds a value that is.</summary>
    private const int MostAhead = 2;

    /// <summary>How long the target may take for what is under way once the sink is told to stop.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(8);

    private readonly SinkOptions options;
    private readonly ITopicLog log;
    private readonly RecordIntake intake;
    private readonly BatchApplier applier;
    private readonly TopicTroubles troubles;
    private readonly SinkProgress progress;
    private readonly Subscription subscription;
    private readonly AppliedRecords applied;
    private readonly TimeProvider clock;
    private readonly ReadersTurn turn;
    private readonly Action<CdcException> onTrouble;
    private readonly Dictionary<TopicPartition, LedgerEntry> ledger = [];
    private SinkBatch filling;
    private SinkBatch spare;
    private Task applying = Task.CompletedTask;
    private TopicNotes notes = TopicNotes.None;
    private IReadOnlyDictionary<string, CdcException> stopped = new Dictionary<string, CdcException>(StringComparer.Ordinal);
    private CdcException? lost;
    private CdcException? moved;
    private CdcException? judged;
    private long lookedAt;
    private long? movedAt;

    public SinkPipeline(SinkOptions options, SinkParts parts, SinkProgress progress, TimeProvider clock, Action<CdcException> onTrouble)
    {
        this.options = options;
        (log, intake, applier, troubles) = parts;
        this.progress = progress;
        subscription = new Subscription(options.Subscribe);
        applied = new AppliedRecords(log);
        this.clock = clock;
        turn = new ReadersTurn(options.DuckDb?.ClosedTime ?? TimeSpan.Zero, clock);
        this.onTrouble = onTrouble;
        var pool = new BatchPool(2 * options.Batch.Bytes);
        filling = new SinkBatch(clock, pool);
        spare = new SinkBatch(clock, pool);
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
            catch (CdcException error) when (error.Code == ErrorCodes.LedgerMoved && error != moved)
            {
                // A target that failed over may have lost its last commits: what the ledger says now is where this goes on.
                onTrouble(moved = error);
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
        await using var reader = await AssignAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested && log.TopicsVersion == version)
        {
            progress.Tick();
            if (!await ConsumeAsync(reader, leaving, cancellationToken)) // 7 consume, 8 batch
                break;
            if (IsDue())
                await FlushAsync(leaving); // 9 evolve, 10 stage + merge, 11 commit
            if (spare.Bytes > MostAhead * options.Batch.Bytes)
                await AppliedAloneAsync();
            if (clock.GetElapsedTime(lookedAt) >= LookInterval && !await LookAsync(cancellationToken))
                break;
        }

        await FlushAsync(leaving);
        await AppliedAsync();
        // What a table brought that was refused in that very moment comes again from its ledger on: it must not be there twice.
        filling.Clear();
    }

    /// <summary>
    /// Two processes of one sink would take turns for ever: a ledger that went on, not back, more than once in a while is moved by another.
    /// </summary>
    private void RequireOwn(IEnumerable<LedgerEntry> entries)
    {
        if (moved is null || moved == judged
            || !entries.Any(entry => ledger.TryGetValue(entry.Partition, out var ours) && entry.NextOffset > ours.NextOffset))
            return;
        if (movedAt is { } before && clock.GetElapsedTime(before) <= MoveMemory)
            throw moved;
        (judged, movedAt) = (moved, clock.GetTimestamp());
    }

    private async Task<ITopicReader?> AssignAsync(CancellationToken cancellationToken)
    {
        lookedAt = clock.GetTimestamp();
        var topics = (await log.DescribeTopicsAsync(cancellationToken)).Where(topic => subscription.Includes(topic.Topic)).ToList();
        notes = applier.Notes = await TopicNotes.ReadAsync(log, notes, cancellationToken); // After the topics.
        var due = troubles.Due.Select(topic => (Topic: topic, Trouble: troubles.Of(topic))).ToList();
        using var wait = progress.Await("the target");
        var (assignment, tables) = await applier.AssignAsync(
            topics, (entries, noted) => PlanAsync(topics, entries, noted, cancellationToken), cancellationToken);
        moved = null;
        ledger.Clear();
        foreach (var (partition, entry) in assignment.Ledger)
            ledger.Add(partition, entry);
        foreach (var gap in assignment.Stopped.Where(IsNews).Select(topic => topic.Value).Distinct())
            onTrouble(gap);

        foreach (var topic in assignment.Resumed)
        {
            intake.BeginAnew(topic);
            Resume(topic, troubles.Pass);
        }

        foreach (var (topic, trouble) in due.Where(topic => !assignment.Stopped.ContainsKey(topic.Topic)
            && troubles.Of(topic.Topic) == topic.Trouble))
            Resume(topic, troubles.Try);
        progress.Assigned(assignment, tables, notes);
        stopped = assignment.Stopped;
        var starts = assignment.Starts;
        intake.Assign(starts.Select(start => start.TopicPartition));
        return await TryReadAsync(() => log.OpenReaderAsync(starts, cancellationToken));
    }

    private bool IsNews(KeyValuePair<string, CdcException> stopped) =>
        !string.Equals(progress.TroubleOf(stopped.Key)?.Message, stopped.Value.Message, StringComparison.Ordinal);

    private void Resume(string topic, Action<string> note)
    {
        intake.Resume(topic);
        note(topic);
    }

    private async ValueTask<Assignment> PlanAsync(
        IReadOnlyCollection<TopicState> topics, IReadOnlyCollection<LedgerEntry> all, string? noted, CancellationToken cancellationToken)
    {
        var entries = all.Where(entry => subscription.Includes(entry.Partition.Topic)).ToList();
        RequireOwn(entries);
        var held = await applied.FindAsync(topics, entries, cancellationToken);
        var planned = Assignment.Plan(options.Identity.Key, topics, entries, notes, held, topic => troubles.Of(topic) is not null);
        var own = planned.From(options.Identity.Key, noted, notes.IdentityOf(log), isUsed: all.Any(entry => entry.NextOffset > 0));
        return await own.MarkAsync(applied, cancellationToken);
    }

    private async Task<bool> ConsumeAsync(ITopicReader? reader, CancellationToken leaving, CancellationToken cancellationToken)
    {
        try
        {
            var wait = filling.IsEmpty ? IdleWait : Longer(options.Batch.Time - filling.Age, Shorter(turn.Left, IdleWait));
            using var block = reader is null ? null
                : await TryReadAsync(() => reader.ReadAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken));
            if (block is null)
                return false;
            await intake.TakeAsync(block, () => filling, () => IsFull, () => MakeRoomAsync(leaving, cancellationToken), cancellationToken);
            lost = null;
            if (block.IsEmpty && IsOld && !applying.IsCompleted)
                // The target has the batch before: what comes meanwhile comes after.
                await Task.WhenAny(applying, Task.Delay(IdleWait, clock, cancellationToken));
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

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

    /// <summary>
    /// Looks now and then at what captures note of their snapshots, and sweeps where one has ended. False where a topic that stands still
    /// can go on.
    /// </summary>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        lookedAt = clock.GetTimestamp();
        try
        {
            var seen = await TopicNotes.ReadAsync(log, notes, cancellationToken);
            if (!seen.HasLineagesOf(notes)
                || stopped.Keys.Any(topic =>
                    !string.Equals(seen.SnapshotOf(topic)?.Id, notes.SnapshotOf(topic)?.Id, StringComparison.Ordinal)))
                return false;
            notes = applier.Notes = seen;
            await AppliedAsync(); // The ledger stands still meanwhile.
            if (troubles.Due.Any(topic => !stopped.ContainsKey(topic)) || troubles.Still.Keys.Any(CanResume))
                return false;
            while (Sweep.FindNext(ledger, notes, topic => progress.TroubleOf(topic) is not null) is { } sweep)
                await SweepAsync(sweep, cancellationToken);
            progress.Looked(notes);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private bool CanResume(string topic) =>
        !stopped.ContainsKey(topic) && ledger.Keys.Any(partition => string.Equals(partition.Topic, topic, StringComparison.Ordinal))
            && Assignment.Overtakes(notes.SnapshotOf(topic), ledger.Values);

    private async Task SweepAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        var partition = sweep.Entry.Partition;
        using var wait = progress.Await("the target");
        try
        {
            if (await intake.MeetAsync(partition.Topic, notes, cancellationToken) is var (empty, schema))
                await applier.MakeAsync(empty, schema, cancellationToken);
            await applier.SweepAsync(sweep, progress.Tables.TryGetValue(partition.Topic, out var table) ? table : null, cancellationToken);
            progress.Swept(ledger[partition] = sweep.Swept);
            troubles.Applied(partition.Topic);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            intake.Stop(partition.Topic, error);
        }
    }

    private bool IsFull => filling.Changes >= options.Batch.Rows || filling.Bytes >= options.Batch.Bytes;

    /// <summary>
    /// A batch that is old enough goes out as soon as the one before is done, and readers had their turn; until then it grows.
    /// </summary>
    private bool IsDue() => IsOld && applying.IsCompleted && turn.Left == TimeSpan.Zero;

    private bool IsOld => !filling.IsEmpty && filling.Age >= options.Batch.Time;

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
        await Task.Yield(); // The reader goes on while the target works.
        var began = clock.GetTimestamp();
        turn.Begin();
        await applier.ApplyAsync(batch, ledger, cancellationToken);
        turn.End();
        progress.Applied(batch, ledger, clock.GetElapsedTime(began));
        foreach (var partition in batch.Progress.Keys)
            troubles.Applied(partition.Topic);
        batch.Clear();
    }
}
