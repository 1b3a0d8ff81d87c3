using System.Collections.Concurrent;
using Cdc.Capture.Publishing;
using Cdc.Capture.Snapshot;
using Cdc.Contracts.Schema;

namespace Cdc.Capture;

/// <summary>What a capture has done so far, for people and metrics. Written by the role, read by anyone.</summary>
public sealed class CaptureProgress
{
    private long records;
    private long before;
    private readonly ConcurrentDictionary<TableId, TableReadProgress> tables = new();
    private StoppedTables? stopped;

    /// <summary>What the role is doing, in a word or a sentence.</summary>
    public string State { get; set; } = "starting";

    /// <summary>Records durable in the log since this process began.</summary>
    public long Records => Interlocked.Read(ref records);

    /// <summary>Tables that stand still, and why.</summary>
    public IReadOnlyDictionary<TableId, string> Stopped => stopped?.Reasons ?? new Dictionary<TableId, string>();

    /// <summary>How far each table is read.</summary>
    public IReadOnlyDictionary<TableId, TableReadProgress> Tables => tables;

    /// <summary>A table's reading went on.</summary>
    public void Note(TableReadProgress table) => tables[table.Table] = table;

    /// <summary>A session began.</summary>
    public void Begin(StoppedTables tables)
    {
        stopped = tables;
        before = Records;
        State = "streaming";
    }

    /// <summary>The session's records so far.</summary>
    public void Tick(long appended) => Interlocked.Exchange(ref records, before + appended);
}
