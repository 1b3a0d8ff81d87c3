using System.Collections.Concurrent;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Publishing;
using Cdc.Capture.Reading;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Schema;

namespace Cdc.Capture;

/// <summary>What a capture has done so far, for people and metrics. Written by the role, read by anyone.</summary>
public sealed class CaptureProgress(TimeProvider clock)
{
    private readonly ConcurrentDictionary<TableId, TableSnapshotProgress> reads = new();
    private readonly ConcurrentDictionary<ErrorKind, long> errors = new();
    private readonly LagClock lag = new(clock);
    private volatile CdcException? waiting;
    private volatile TablesHealth? health;
    private volatile TableTopics? topics;
    private volatile SlotLook? slot;
    private volatile Loop? loop;
    private volatile IReadOnlyList<SourceWarning> warnings = [];
    private volatile bool isDone;
    private int activity;
    private bool isLookWaiting;
    private long records;
    private long bytes;
    private long recordsBefore;
    private long bytesBefore;
    private long durable;
    private long heartbeatAt;

    public CaptureActivity Activity => (CaptureActivity)Volatile.Read(ref activity);

    /// <summary>What the source is waited for; null while it answers.</summary>
    public CdcException? Waiting => waiting;

    /// <summary>Everything was read, where that is all that is wanted: capture is over.</summary>
    public bool IsDone => isDone;

    /// <summary>Whether a session streams.</summary>
    public bool IsStreaming => Activity == CaptureActivity.Streaming;

    /// <summary>Records durable in the log since this process began.</summary>
    public long Records => Interlocked.Read(ref records);

    /// <summary>Their bytes.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>The position up to which everything is durable, as the source writes it; empty where it is not known yet.</summary>
    public string Position => Interlocked.Read(ref durable) is not 0 and var position ? new Lsn((ulong)position).ToString() : "";

    /// <summary>
    /// Bytes of the source's log that are not durable here; null where unknown: all that the server ever wrote is no lag of one that has
    /// not begun.
    /// </summary>
    public long? LagBytes => HasBegun ? (long?)lag.Distance : null;

    /// <summary>Since when something of the source is not durable here; zero where nothing waits, null where unknown.</summary>
    public TimeSpan? Lag => HasBegun ? lag.Lag : null;

    /// <summary>Whether it is known from where on the source's log is wanted.</summary>
    private bool HasBegun => Interlocked.Read(ref durable) != 0;

    /// <summary>Something that was seen of tables waits for the stream: until then nobody can say that all is read.</summary>
    public bool IsLookWaiting
    {
        get => Volatile.Read(ref isLookWaiting);
        set => Volatile.Write(ref isLookWaiting, value);
    }

    /// <summary>What the server last said of the slot; null before it answered.</summary>
    public SlotLook? Slot => slot;

    /// <summary>
    /// What the last look at the publication found to be left out, and a slot in danger: nothing fails for it, and the target lacks it.
    /// </summary>
    public IReadOnlyList<SourceWarning> Warnings => slot?.Danger is { } danger ? [.. warnings, danger] : warnings;

    /// <summary>When a heartbeat was last written into the source; null where none was.</summary>
    public DateTimeOffset? HeartbeatAt => Interlocked.Read(ref heartbeatAt) is not 0 and var ticks
        ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Errors met, by kind.</summary>
    public IReadOnlyDictionary<ErrorKind, long> Errors => errors;

    /// <summary>How far each table is read.</summary>
    public IReadOnlyDictionary<TableId, TableSnapshotProgress> Reads => health is { } known
        ? reads.Where(read => known.All.ContainsKey(read.Key)).ToDictionary()
        : reads;

    /// <summary>The health of each table met so far; none before the first session streams.</summary>
    public IReadOnlyDictionary<TableId, TableHealth> Tables => health?.All ?? new Dictionary<TableId, TableHealth>();

    /// <summary>The topic that a table has or would get; null before the first session streams.</summary>
    public string? TopicOf(TableId table) => topics?.TopicOf(table);

    /// <summary>The loop that lives while this runs.</summary>
    public void Live(Loop alive) => loop = alive;

    /// <summary>Declares a wait that may take any time.</summary>
    public Loop.Waiting? Await(string what) => loop?.Wait(what);

    /// <summary>A table's reading continued.</summary>
    public void Note(TableSnapshotProgress table) => reads[table.Table] = table;

    /// <summary>The server told of its log and the slot.</summary>
    public void Note(SlotLook look)
    {
        slot = look;
        lag.See(look.End.Value);
    }

    /// <summary>The publication was looked at.</summary>
    public void Warn(IReadOnlyList<SourceWarning> found) => warnings = found;

    /// <summary>An error was met.</summary>
    public void Note(CdcException error) => errors.AddOrUpdate(error.Kind, 1, (_, count) => count + 1);

    /// <summary>A heartbeat was written.</summary>
    public void Beat() => Interlocked.Exchange(ref heartbeatAt, clock.GetUtcNow().UtcTicks);

    /// <summary>Everything before is durable.</summary>
    public void Reach(PostgresMark mark)
    {
        Interlocked.Exchange(ref durable, (long)mark.Allowed.Value);
        lag.Reach(mark.Allowed.Value, mark.Position.CommittedAt);
    }

    /// <summary>The source is looked at, or its slot waited for.</summary>
    public void Open(CaptureActivity what) => Volatile.Write(ref activity, (int)what);

    /// <summary>A session streams.</summary>
    public void Begin(TablesHealth tables, TableTopics tableTopics)
    {
        (health, topics) = (tables, tableTopics);
        (recordsBefore, bytesBefore) = (Records, Bytes);
        waiting = null;
        Open(CaptureActivity.Streaming);
    }

    /// <summary>The slot is waited for; what for exactly is no fault and not counted as one.</summary>
    public void WaitForSlot(CdcException reason)
    {
        waiting = reason;
        Open(CaptureActivity.WaitingForSlot);
    }

    /// <summary>Capture is over.</summary>
    /// <param name="tables">Some may not have been read to the end.</param>
    public void Finish(TablesHealth tables)
    {
        health ??= tables;
        isDone = true;
    }

    /// <summary>The session broke; it is tried again.</summary>
    public void Wait(CdcException error)
    {
        Note(error);
        waiting = error;
        Open(CaptureActivity.Retrying);
    }

    /// <summary>One round of the session is done.</summary>
    /// <param name="appendedRecords">The session's records so far.</param>
    /// <param name="appendedBytes">Their bytes.</param>
    public void Tick(long appendedRecords, long appendedBytes)
    {
        Interlocked.Exchange(ref records, recordsBefore + appendedRecords);
        Interlocked.Exchange(ref bytes, bytesBefore + appendedBytes);
        loop?.Tick();
    }
}
