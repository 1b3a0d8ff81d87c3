using System.Collections.Concurrent;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>What a sink has done so far, for people and metrics. Written by the pipeline, read by anyone.</summary>
public sealed class SinkProgress
{
    private readonly ConcurrentDictionary<TopicPartition, LedgerEntry> partitions = new();
    private readonly ConcurrentDictionary<string, SinkTable> met = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TargetName> targets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CdcException> stopped = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<string, CdcException> gaps = new Dictionary<string, CdcException>(StringComparer.Ordinal);
    private long lastCommit;
    private long changes;

    /// <summary>By partition, what the ledger says.</summary>
    public IReadOnlyDictionary<TopicPartition, LedgerEntry> Partitions => partitions;

    /// <summary>By topic, the target's table; nothing where no record has come yet.</summary>
    public IReadOnlyDictionary<string, TargetName> Tables => targets;

    /// <summary>All topics that are read, or stand still.</summary>
    public IReadOnlySet<string> Topics =>
        partitions.Keys.Select(partition => partition.Topic).Concat(gaps.Keys).ToHashSet(StringComparer.Ordinal);

    /// <summary>Commit time of the newest change applied, microseconds since 1970; 0 for none yet.</summary>
    public long LastCommit => Interlocked.Read(ref lastCommit);

    /// <summary>Changes applied by this process.</summary>
    public long Changes => Interlocked.Read(ref changes);

    /// <summary>What the target is waited for; null while it answers.</summary>
    public CdcException? Waiting { get; set; }

    /// <summary>Why a topic's table stands still; null while it runs.</summary>
    public CdcException? TroubleOf(string topic) =>
        gaps.TryGetValue(topic, out var gap) ? gap
        : stopped.TryGetValue(topic, out var error) ? error
        : met.TryGetValue(topic, out var table) ? table.Trouble : null;

    public void Stopped(string topic, CdcException error) => stopped[topic] = error;

    public void Met(SinkTable table)
    {
        met[table.Topic] = table;
        targets[table.Topic] = table.Target;
    }

    /// <param name="tables">By topic, the tables that are this sink's already.</param>
    public void Assigned(Assignment assignment, IReadOnlyDictionary<string, TargetName> tables)
    {
        foreach (var (topic, table) in tables)
            targets.TryAdd(topic, table);
        foreach (var (partition, entry) in assignment.Ledger)
            partitions[partition] = entry;
        gaps = assignment.Stopped;
    }

    public void Swept(LedgerEntry entry) => partitions[entry.Partition] = entry;

    public void Applied(SinkBatch batch, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger)
    {
        foreach (var partition in batch.Progress.Keys)
            partitions[partition] = ledger[partition];
        Waiting = null;
        Interlocked.Add(ref changes, batch.Changes);
        Interlocked.Exchange(ref lastCommit, Math.Max(LastCommit, batch.LastCommit));
    }
}
