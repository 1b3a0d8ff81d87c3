using System.Collections.Concurrent;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>What a sink has done so far, for people and metrics. Written by the pipeline, read by anyone.</summary>
public sealed class SinkProgress
{
    private readonly ConcurrentDictionary<TopicPartition, (long Next, long Rows)> partitions = new();
    private readonly ConcurrentDictionary<string, SinkTable> tables = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CdcException> stopped = new(StringComparer.Ordinal);
    private long lastCommit;
    private long changes;

    /// <summary>By partition: the next offset in the ledger, and changes applied since the ledger's row was made.</summary>
    public IReadOnlyDictionary<TopicPartition, (long Next, long Rows)> Partitions => partitions;

    public IReadOnlyDictionary<string, SinkTable> Tables => tables;

    /// <summary>Commit time of the newest change applied, microseconds since 1970; 0 for none yet.</summary>
    public long LastCommit => Interlocked.Read(ref lastCommit);

    /// <summary>Changes applied by this process.</summary>
    public long Changes => Interlocked.Read(ref changes);

    /// <summary>What the target is waited for; null while it answers.</summary>
    public CdcException? Waiting { get; set; }

    /// <summary>Why a topic's table stands still; null while it runs.</summary>
    public CdcException? TroubleOf(string topic) =>
        stopped.TryGetValue(topic, out var error) ? error : tables.TryGetValue(topic, out var table) ? table.Trouble : null;

    public void Stopped(string topic, CdcException error) => stopped[topic] = error;

    public void Met(SinkTable table) => tables[table.Topic] = table;

    public void Assigned(IEnumerable<LedgerEntry> entries)
    {
        foreach (var entry in entries)
            partitions[entry.Partition] = (entry.NextOffset, entry.Rows);
    }

    public void Applied(SinkBatch batch, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger)
    {
        foreach (var partition in batch.Progress.Keys)
            partitions[partition] = (ledger[partition].NextOffset, ledger[partition].Rows);
        Waiting = null;
        Interlocked.Add(ref changes, batch.Changes);
        Interlocked.Exchange(ref lastCommit, Math.Max(LastCommit, batch.LastCommit));
    }
}
