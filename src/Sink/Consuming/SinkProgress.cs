using System.Collections.Concurrent;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Positions;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Consuming;

/// <summary>What a sink has done so far, for people and metrics. Written by the pipeline, read by anyone.</summary>
public sealed class SinkProgress(TimeProvider clock, TopicTroubles troubles)
{
    private readonly ConcurrentDictionary<TopicPartition, LedgerEntry> partitions = new();
    private readonly ConcurrentDictionary<string, TargetName> targets = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<string, CdcException> gaps = new Dictionary<string, CdcException>(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> appliedAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ErrorKind, long> errors = new();
    private readonly LagClock lag = new(clock);
    private volatile Loop? loop;
    private volatile bool isAssigned;
    private volatile TopicNotes judged = TopicNotes.None;
    private volatile IReadOnlyDictionary<string, long> ends = new Dictionary<string, long>(StringComparer.Ordinal);
    private long lastCommit;
    private long changes;

    /// <summary>By partition, what the ledger says.</summary>
    public IReadOnlyDictionary<TopicPartition, LedgerEntry> Partitions => partitions;

    /// <summary>By topic, the target's table; nothing where no record has come yet.</summary>
    public IReadOnlyDictionary<string, TargetName> Tables => targets;

    /// <summary>All topics that are read or stopped.</summary>
    public IReadOnlySet<string> Topics =>
        partitions.Keys.Select(partition => partition.Topic).Concat(gaps.Keys).ToHashSet(StringComparer.Ordinal);

    /// <summary>Commit time of the newest change applied, microseconds since 1970; 0 for none yet.</summary>
    public long LastCommit => Interlocked.Read(ref lastCommit);

    /// <summary>Changes applied by this process.</summary>
    public long Changes => Interlocked.Read(ref changes);

    /// <summary>Whether the target answered and told where to continue.</summary>
    public bool IsAssigned => isAssigned;

    /// <summary>Since when something of the log is not applied; zero where nothing waits, null where unknown.</summary>
    public TimeSpan? Lag => lag.Lag;

    /// <summary>Records of the log that are not applied; null where unknown.</summary>
    public long? LagRecords => (long?)lag.Distance;

    /// <summary>Errors met, by kind.</summary>
    public IReadOnlyDictionary<ErrorKind, long> Errors => errors;

    /// <summary>What captures noted when it was last told which topics are stopped.</summary>
    public TopicNotes Judged => judged;

    /// <summary>Called for each batch with its changes and how long it took the target.</summary>
    public Action<int, TimeSpan>? OnApplied { get; set; }

    /// <summary>When rows of a topic were last committed in the target; null where none were since the process began.</summary>
    public DateTimeOffset? AppliedAt(string topic) => appliedAt.TryGetValue(topic, out var at) ? at : null;

    /// <summary>The loop that lives while this runs.</summary>
    public void Live(Loop alive) => loop = alive;

    /// <summary>One round of the loop was done.</summary>
    public void Tick() => loop?.Tick();

    /// <summary>Declares a wait that may take any time.</summary>
    public Loop.Waiting? Await(string what) => loop?.Wait(what);

    /// <summary>An error was met.</summary>
    public void Note(CdcException error) => errors.AddOrUpdate(error.Kind, 1, (_, count) => count + 1);

    /// <summary>The log was looked at: for each subscribed topic its partitions' ends, summed up.</summary>
    public void See(IReadOnlyDictionary<string, long> topics)
    {
        ends = topics;
        lag.See((ulong)topics.Values.Sum());
        Reach();
    }

    /// <summary>What the target is waited for; null while it answers.</summary>
    public CdcException? Waiting { get; set; }

    /// <summary>Why a topic's table is stopped; null while it runs.</summary>
    public CdcException? TroubleOf(string topic) => gaps.TryGetValue(topic, out var gap) ? gap : troubles.Of(topic)?.Error;

    /// <summary>
    /// When what stopped a topic's table is tried again by itself; null where it runs, or somebody has to do something first.
    /// </summary>
    public DateTimeOffset? NextTryOf(string topic) => gaps.ContainsKey(topic) ? null : troubles.Of(topic)?.NextTry;

    /// <summary>Whether a topic waits for nothing but that somebody lets a lock go.</summary>
    public bool IsLocked(string topic) => !gaps.ContainsKey(topic) && troubles.Of(topic) is { IsForLock: true };

    public void Met(SinkTable table) => targets[table.Topic] = table.Target;

    /// <param name="assignment">What is read, and what is stopped.</param>
    /// <param name="tables">By topic, the tables that are this sink's already.</param>
    /// <param name="notes">What captures noted then.</param>
    public void Assigned(Assignment assignment, IReadOnlyDictionary<string, TargetName> tables, TopicNotes notes)
    {
        foreach (var (topic, table) in tables)
            targets.TryAdd(topic, table);
        foreach (var (partition, entry) in assignment.Ledger)
            partitions[partition] = entry;
        gaps = assignment.Stopped;
        isAssigned = true;
        judged = notes; // Behind what they led to.
        Reach();
    }

    /// <summary>What captures noted since changes nothing about which topics are stopped.</summary>
    public void Looked(TopicNotes notes) => judged = notes;

    public void Swept(LedgerEntry entry) => partitions[entry.Partition] = entry;

    /// <param name="batch">What was committed.</param>
    /// <param name="ledger">How far each partition is now.</param>
    /// <param name="took">How long the target took.</param>
    public void Applied(SinkBatch batch, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger, TimeSpan took)
    {
        foreach (var partition in batch.Progress.Keys)
        {
            partitions[partition] = ledger[partition];
            appliedAt[partition.Topic] = clock.GetUtcNow();
        }

        Interlocked.Add(ref changes, batch.Records);
        Interlocked.Exchange(ref lastCommit, Math.Max(LastCommit, batch.LastCommit));
        OnApplied?.Invoke(batch.Records, took);
        Reach();
    }

    /// <summary>Nobody waits for a table that is stopped.</summary>
    private void Reach() => lag.Reach(
        (ulong)(partitions.Where(partition => TroubleOf(partition.Key.Topic) is null).Sum(partition => partition.Value.NextOffset)
            + ends.Where(topic => TroubleOf(topic.Key) is not null).Sum(topic => topic.Value)), LastCommit);
}
