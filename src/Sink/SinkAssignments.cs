using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Consuming;
using Cdc.Sink.Ledger;

namespace Cdc.Sink;

/// <summary>
/// Holds the ledger against the log: which partitions are read, from where, and what ends or moves that. It is used between two batches.
/// </summary>
public sealed class SinkAssignments
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MoveMemory = TimeSpan.FromMinutes(1);

    private readonly SinkIdentity identity;
    private readonly ITopicLog log;
    private readonly RecordIntake intake;
    private readonly BatchApplier applier;
    private readonly TopicTroubles troubles;
    private readonly SinkProgress progress;
    private readonly Subscription subscription;
    private readonly AppliedRecords applied;
    private readonly TimeProvider clock;
    private readonly Action<CdcException> onTrouble;
    private TopicNotes notes = TopicNotes.None;
    private IReadOnlyDictionary<string, CdcException> stopped = new Dictionary<string, CdcException>(StringComparer.Ordinal);
    private CdcException? moved;
    private CdcException? judged;
    private long lookedAt;
    private long? movedAt;

    public SinkAssignments(SinkOptions options, SinkParts parts, SinkProgress progress, TimeProvider clock, Action<CdcException> onTrouble)
    {
        identity = options.Identity;
        (log, intake, applier, troubles) = parts;
        this.progress = progress;
        subscription = new Subscription(options.Subscribe);
        applied = new AppliedRecords(log);
        this.clock = clock;
        this.onTrouble = onTrouble;
    }

    /// <summary>By partition, what the ledger says; it moves with each batch that is applied.</summary>
    public Dictionary<TopicPartition, LedgerEntry> Ledger { get; } = [];

    /// <summary>Whether it is time for <see cref="LookAsync"/>.</summary>
    public bool IsLookDue => clock.GetElapsedTime(lookedAt) >= LookInterval;

    /// <summary>
    /// Reads the ledger, moves it where a gap allows that, and tells the intake what it gets. Answers with where each partition is read
    /// from.
    /// </summary>
    public async Task<IReadOnlyList<TopicOffset>> AssignAsync(CancellationToken cancellationToken)
    {
        lookedAt = clock.GetTimestamp();
        var topics = await log.DescribeTopicsAsync(subscription.Includes, cancellationToken);
        notes = applier.Notes = await TopicNotes.ReadAsync(log, notes, cancellationToken); // After the topics.
        var due = troubles.Due.Select(topic => (Topic: topic, Trouble: troubles.Of(topic))).ToList();
        using var wait = progress.Await("the target");
        var (assignment, tables) = await applier.AssignAsync(
            topics, (entries, noted) => PlanAsync(topics, entries, noted, cancellationToken), cancellationToken);
        moved = null;
        Ledger.Clear();
        foreach (var (partition, entry) in assignment.Ledger)
            Ledger.Add(partition, entry);
        foreach (var gap in assignment.Stopped.Where(IsNews).Select(topic => topic.Value).Distinct())
            onTrouble(gap);
        Resume(assignment, due);
        progress.Assigned(assignment, tables, notes);
        stopped = assignment.Stopped;
        var starts = assignment.Starts;
        intake.Assign(starts);
        return starts;
    }

    /// <summary>
    /// Looks at what captures note of their snapshots, and sweeps where one has ended. False where the assignment is to be made again: a
    /// topic that is stopped can continue. The ledger must not move meanwhile.
    /// </summary>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        lookedAt = clock.GetTimestamp();
        try
        {
            var seen = await TopicNotes.ReadAsync(log, notes, cancellationToken);
            if (!seen.HasLineagesOf(notes) || stopped.Keys.Any(topic => HasOtherSnapshot(seen, topic)))
                return false;
            notes = applier.Notes = seen;
            if (troubles.Due.Any(topic => !stopped.ContainsKey(topic)) || troubles.Still.Keys.Any(CanResume))
                return false;
            while (Sweep.FindNext(Ledger, notes, topic => progress.TroubleOf(topic) is not null) is { } sweep)
                await SweepAsync(sweep, cancellationToken);
            progress.Looked(notes);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether an error says that the ledger is not where it was left. A target that failed over may have lost its last commits: what the
    /// ledger says now is where this continues.
    /// </summary>
    public bool CanFollow(CdcException error) => error.Code == ErrorCodes.LedgerMoved && error != moved;

    /// <summary>Has the next assignment start where the ledger is now, if no other process moves it.</summary>
    public void Follow(CdcException error) => onTrouble(moved = error);

    /// <summary>
    /// Two processes of one sink would take turns for ever: a ledger that moved forward, not back, more than once in a while is moved by
    /// another.
    /// </summary>
    private void RequireOwn(IEnumerable<LedgerEntry> entries)
    {
        if (moved is null || moved == judged
            || !entries.Any(entry => Ledger.TryGetValue(entry.Partition, out var ours) && entry.NextOffset > ours.NextOffset))
            return;
        if (movedAt is { } before && clock.GetElapsedTime(before) <= MoveMemory)
            throw moved;
        (judged, movedAt) = (moved, clock.GetTimestamp());
    }

    private async ValueTask<Assignment> PlanAsync(
        IReadOnlyCollection<TopicState> topics, IReadOnlyCollection<LedgerEntry> all, string? noted, CancellationToken cancellationToken)
    {
        var entries = all.Where(entry => subscription.Includes(entry.Partition.Topic)).ToList();
        RequireOwn(entries);
        var held = await applied.FindAsync(topics, entries, cancellationToken);
        var planned = Assignment.Plan(identity.Key, topics, entries, notes, held, topic => troubles.Of(topic) is not null);
        var own = planned.From(identity.Key, noted, notes.IdentityOf(log), isUsed: all.Any(entry => entry.NextOffset > 0));
        return await own.MarkAsync(applied, cancellationToken);
    }

    private bool IsNews(KeyValuePair<string, CdcException> stopped) =>
        !string.Equals(progress.TroubleOf(stopped.Key)?.Message, stopped.Value.Message, StringComparison.Ordinal);

    private void Resume(Assignment assignment, List<(string Topic, TableTrouble? Trouble)> due)
    {
        foreach (var topic in assignment.Resumed)
        {
            intake.StartOver(topic);
            Resume(topic, troubles.Pass);
        }

        foreach (var (topic, trouble) in due)
        {
            if (!assignment.Stopped.ContainsKey(topic) && troubles.Of(topic) == trouble)
                Resume(topic, troubles.Try);
        }
    }

    private void Resume(string topic, Action<string> note)
    {
        intake.Resume(topic);
        note(topic);
    }

    private bool HasOtherSnapshot(TopicNotes seen, string topic) =>
        !string.Equals(seen.SnapshotOf(topic)?.Id, notes.SnapshotOf(topic)?.Id, StringComparison.Ordinal);

    private bool CanResume(string topic) =>
        !stopped.ContainsKey(topic)
        && Ledger.Keys.Any(partition => string.Equals(partition.Topic, topic, StringComparison.Ordinal))
        && Assignment.Overtakes(notes.SnapshotOf(topic), Ledger.Values);

    private async Task SweepAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        var partition = sweep.Entry.Partition;
        using var wait = progress.Await("the target");
        try
        {
            if (await intake.MeetAsync(partition.Topic, notes, cancellationToken) is var (empty, schema))
                await applier.MakeAsync(empty, schema, cancellationToken);
            await applier.SweepAsync(sweep, progress.Tables.TryGetValue(partition.Topic, out var table) ? table : null, cancellationToken);
            progress.Swept(Ledger[partition] = sweep.Swept);
            troubles.Applied(partition.Topic);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            intake.Stop(partition.Topic, error);
        }
    }
}
