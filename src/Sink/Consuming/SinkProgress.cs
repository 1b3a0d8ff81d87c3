using System.Collections.Concurrent;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Positions;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>What a sink has done so far, for people and metrics. Written by the pipeline, read by anyone.</summary>
public sealed class SinkProgress(TimeProvider clock)
{
    private readonly ConcurrentDictionary<TopicPartition, (long Next, long Rows)> partitions = new();
    private readonly ConcurrentDictionary<string, SinkTable> tables = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CdcException> stopped = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> appliedAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ErrorKind, long> errors = new();
    private readonly LagClock lag = new(clock);
    private volatile Loop? loop;
    private volatile bool isAssigned;
    private volatile IReadOnlyDictionary<string, long> ends = new Dictionary<string, long>(StringComparer.Ordinal);
    private long lastCommit;
    private long changes;

    /// <summary>By partition: the next offset in the ledger, and changes applied since the ledger's row was made.</summary>
    public IReadOnlyDictionary<TopicPartition, (long Next, long Rows)> Partitions => partitions;

    public IReadOnlyDictionary<string, SinkTable> Tables => tables;

    /// <summary>Commit time of the newest change applied, microseconds since 1970; 0 for none yet.</summary>
    public long LastCommit => Interlocked.Read(ref lastCommit);

    /// <summary>Changes applied by this process.</summary>
    public long Changes => Interlocked.Read(ref changes);

    /// <summary>Whether the target answered and told where to go on.</summary>
    public bool IsAssigned => isAssigned;

    /// <summary>Since when something of the log is not applied; zero where nothing waits, null where unknown.</summary>
    public TimeSpan? Lag => lag.Lag;

    /// <summary>Records of the log that are not applied; null where unknown.</summary>
    public long? LagRecords => (long?)lag.Distance;

    /// <summary>Errors met, by kind.</summary>
    public IReadOnlyDictionary<ErrorKind, long> Errors => errors;

    /// <summary>Called for each batch with its changes and how long it took the target.</summary>
    public Action<int, TimeSpan>? OnApplied { get; set; }

    /// <summary>When rows of a topic were last committed in the target; null where none were since the process began.</summary>
    public DateTimeOffset? AppliedAt(string topic) => appliedAt.TryGetValue(topic, out var at) ? at : null;

    /// <summary>The loop that lives while this goes on.</summary>
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

    /// <summary>Why a topic's table stands still; null while it runs.</summary>
    public CdcException? TroubleOf(string topic) =>
        stopped.TryGetValue(topic, out var error) ? error : tables.TryGetValue(topic, out var table) ? table.Trouble : null;

    public void Stopped(string topic, CdcException error)
    {
        stopped[topic] = error;
        Note(error);
    }

    public void Met(SinkTable table) => tables[table.Topic] = table;

    public void Assigned(IEnumerable<LedgerEntry> entries)
    {
        foreach (var entry in entries)
            partitions[entry.Partition] = (entry.NextOffset, entry.Rows);
        isAssigned = true;
        Waiting = null;
        Reach();
    }

    /// <param name="batch">What was committed.</param>
    /// <param name="ledger">How far each partition is now.</param>
    /// <param name="took">How long the target took.</param>
    public void Applied(SinkBatch batch, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger, TimeSpan took)
    {
        foreach (var partition in batch.Progress.Keys)
        {
            partitions[partition] = (ledger[partition].NextOffset, ledger[partition].Rows);
            appliedAt[partition.Topic] = clock.GetUtcNow();
        }

        Waiting = null;
        Interlocked.Add(ref changes, batch.Changes);
        Interlocked.Exchange(ref lastCommit, Math.Max(LastCommit, batch.LastCommit));
        OnApplied?.Invoke(batch.Changes, took);
        Reach();
    }

    /// <summary>Nobody waits for a table that stands still.</summary>
    private void Reach() => lag.Reach(
        (ulong)(partitions.Where(partition => TroubleOf(partition.Key.Topic) is null).Sum(partition => partition.Value.Next)
            + ends.Where(topic => TroubleOf(topic.Key) is not null).Sum(topic => topic.Value)), LastCommit);
}
