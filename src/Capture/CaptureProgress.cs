using System.Collections.Concurrent;
using Cdc.Capture.Publishing;
using Cdc.Capture.Snapshot;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture;

/// <summary>What a capture has done so far, for people and metrics. Written by the role, read by anyone.</summary>
public sealed class CaptureProgress
{
    private volatile CdcException? waiting;
    private volatile bool isStreaming;
    private volatile TablePlacer? placer;
    private volatile StoppedTables? stopped;
    private readonly ConcurrentDictionary<TableId, TableReadProgress> reads = new();
    private long records;
    private long before;

    /// <summary>What the source is waited for; null while it answers.</summary>
    public CdcException? Waiting => waiting;

    /// <summary>Whether a session streams.</summary>
    public bool IsStreaming => isStreaming;

    /// <summary>Records durable in the log since this process began.</summary>
    public long Records => Interlocked.Read(ref records);

    /// <summary>The tables met so far: null for one that goes on, else why it stands still.</summary>
    public IReadOnlyDictionary<TableId, string?> Tables
    {
        get
        {
            var tables = new Dictionary<TableId, string?>();
            foreach (var table in placer?.Tables.Values ?? [])
                tables[table] = null;
            foreach (var (table, reason) in stopped?.Reasons ?? new Dictionary<TableId, string>())
                tables[table] = reason;
            return tables;
        }
    }

    /// <summary>How far each table is read.</summary>
    public IReadOnlyDictionary<TableId, TableReadProgress> Reads => reads;

    /// <summary>A table's reading went on.</summary>
    public void Note(TableReadProgress table) => reads[table.Table] = table;

    /// <summary>A session streams.</summary>
    public void Begin(TablePlacer tables, StoppedTables stoppedTables)
    {
        (placer, stopped) = (tables, stoppedTables);
        before = Records;
        waiting = null;
        isStreaming = true;
    }

    /// <summary>The session broke; it is tried again.</summary>
    public void Wait(CdcException error)
    {
        isStreaming = false;
        waiting = error;
    }

    /// <summary>The session's records so far.</summary>
    public void Tick(long appended) => Interlocked.Exchange(ref records, before + appended);
}
