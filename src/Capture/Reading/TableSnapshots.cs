using Cdc.Capture.Requests;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Reading;

/// <summary>
/// The rule by which tables are read beside the stream, without any I/O: it watches every streamed change, opens a window before a chunk is
/// read, judges what was read, and says what the checkpoint must note in the same append. Used by one thread at a time, the one that takes
/// the stream's changes.
/// </summary>
public sealed partial class TableSnapshots : IDisposable
{
    private const int ManyRanges = 64;

    private readonly Dictionary<TableId, TableSnapshot> tables = [];
    private readonly ISourceNotes notes;
    private readonly ReadLimits limits;
    private readonly TimeProvider clock;
    private readonly PooledBuffer key = new(256);
    private readonly List<CheckpointEntry> others = [];
    private byte[] carried = [];
    private bool recentChanged;
    private bool beginsLineage;
    private bool isAllAsked;
    private long changes;
    private TransactionMark latest;
    private SourceTable? latestShape;
    private TableSnapshot? latestTable;

    /// <param name="checkpoint">What was noted of tables before.</param>
    /// <param name="notes">Reads what in it is the source's own.</param>
    /// <param name="limits">Of the reads.</param>
    /// <param name="clock">Tells when pauses end.</param>
    public TableSnapshots(Checkpoint checkpoint, ISourceNotes notes, ReadLimits limits, TimeProvider clock)
        : this(checkpoint, notes, limits, clock, new TablesHealth(checkpoint, clock))
    {
    }

    /// <inheritdoc cref="TableSnapshots(Checkpoint, ISourceNotes, ReadLimits, TimeProvider)"/>
    /// <param name="health">Shared with who publishes the tables.</param>
    public TableSnapshots(Checkpoint checkpoint, ISourceNotes notes, ReadLimits limits, TimeProvider clock, TablesHealth health)
    {
        Health = health;
        this.notes = notes;
        this.limits = limits;
        this.clock = clock;
        Keyless = new KeylessReads(this);
        isAllAsked = checkpoint[ResyncRequests.AllKey] is not null;
        Recent = notes.ReadSuspects(checkpoint[ProgressText.RecentKey]);
        foreach (var table in ProgressText.Read(checkpoint, limits, health, notes))
            tables.Add(table.Table, table);
        others.AddRange(ProgressText.Rename(checkpoint));
        HasNews = others.Count > 0;
    }

    /// <summary>Which tables continue; shared with who publishes them.</summary>
    public TablesHealth Health { get; }

    /// <summary>Transactions that were streamed and that no read has seen yet.</summary>
    public ISuspects Recent { get; private set; }

    /// <summary>The rule for tables without a key.</summary>
    public KeylessReads Keyless { get; }

    public IReadOnlyCollection<TableSnapshot> Tables => tables.Values;

    /// <summary>Something changed that the checkpoint must note, also when no record goes with it.</summary>
    public bool HasNews { get; private set; }

    /// <summary>A snapshot and a log position are needed (<see cref="Pulse"/>).</summary>
    public bool WantsPulse => Recent.Count > ManyRanges || tables.Values.Any(table =>
        table.Health.IsPublished && (table.IsJoining || table.IsHeldForCatchingUp || table.AwaitsTransactions));

    /// <summary>A table is not read before transactions have ended that may have changed it before it was published.</summary>
    public bool AwaitsTransactions => tables.Values.Any(table => table.Health.IsPublished && table.AwaitsTransactions);

    /// <summary>Tables that are being read.</summary>
    public int Reading => tables.Values.Count(table => table.State == TableState.Reading);

    public TableSnapshot? Find(TableId table) => tables.GetValueOrDefault(table);

    /// <summary>Each change of the stream, in order.</summary>
    public void Observe(in SourceChange change)
    {
        changes++;
        if (change.Transaction != latest)
            recentChanged |= Recent.Note(latest = change.Transaction);
        var table = TableOf(change.Table);
        if (table is null || change.Refusal is not null)
            return; // Refused rows stopped it, so nothing of it is being read.
        if (change.Operation == Operation.Truncate)
            table.Catalog.Truncate(change.Transaction);
        if (!change.Table.Schema.HasKey)
            return;
        CheckShape(table, change.Table);
        switch (change.Operation)
        {
            case Operation.Truncate:
                Spoil(table, WindowFault.Truncated);
                break;
            case Operation.Delete:
                Remember(table, change, change.Before, default);
                break;
            case Operation.Update when change.ChangesKey():
                Remember(table, change, change.Before, default);
                Remember(table, change, change.After, default);
                List(table, change, ofSnapshot: false);
                break;
            case Operation.Update:
                Remember(table, change, change.After, Carried(change.After));
                if (table.State == TableState.Reading)
                    List(table, change, ofSnapshot: true);
                break;
            default:
                // A row that enters a row filter comes as an insert, without its unchanged columns.
                Remember(table, change, change.After, default);
                List(table, change, ofSnapshot: false);
                break;
        }
    }

    /// <summary>What the server shows, and where its log ends behind it.</summary>
    public void Pulse(IReadSight sight, ulong position)
    {
        See(sight);
        foreach (var table in tables.Values)
        {
            if (table.IsJoining)
            {
                (table.IsJoining, table.JoinedAt) = (false, sight.Horizon);
                table.IsChanged = true;
            }

            if (!table.IsHeldForCatchingUp)
                continue;
            table.IsHeldForCatchingUp = false;
            table.HeldUntil = Math.Max(table.HeldUntil, position);
        }
    }

    /// <summary>What a read saw need not be kept.</summary>
    internal void See(IReadSight sight) => recentChanged |= Recent.Forget(sight);

    /// <summary>Something changed that the checkpoint must note.</summary>
    internal void NoteNews() => HasNews = true;

    /// <summary>
    /// Opens a window for the next chunk; null where there is none to be read now. Tables take turns, so that a large one keeps no other
    /// waiting.
    /// </summary>
    /// <param name="reached">How far the stream is.</param>
    public ChunkWindow? TryOpen(ulong reached)
    {
        // The one with the fewest windows; there are few levels, and many tables at most.
        for (var (level, next) = (0, int.MaxValue); ; (level, next) = (next, int.MaxValue))
        {
            foreach (var table in tables.Values)
            {
                if (table.Windows.Count > level)
                    next = Math.Min(next, table.Windows.Count);
                if (table.Windows.Count == level && TryOpen(table, reached) is { } window)
                    return window;
            }

            if (next == int.MaxValue)
                return null;
        }
    }

    private ChunkWindow? TryOpen(TableSnapshot table, ulong reached)
    {
        if (table.Shape is not { Schema.HasKey: true } || table.IsBeginUnnoted || !HasWork(table) || table.Health.IsPaused
            || !IsFree(table, reached)
            || SnapshotPlanner.Take(table) is not { } chunk)
        {
            return null;
        }

        var window = new ChunkWindow(chunk, Recent.Copy(), changes, limits.WindowBytes);
        table.Windows.Add(window);
        return window;
    }

    /// <summary>What a chunk that was read is worth by now.</summary>
    public ChunkVerdict Judge(ChunkWindow window, ChunkFacts facts, ulong reached)
    {
        See(facts.Sight);
        window.Check(facts.Sight);
        if (!window.Chunk.Table.Health.IsPublished)
            window.Spoil(WindowFault.Abandoned);
        if (facts.IsReshaped)
            window.Spoil(WindowFault.Reshaped);
        else if (window.Fault != WindowFault.Abandoned && window.Chunk is RangeChunk range && range.Part.Version != facts.FileVersion)
            Restart(window.Chunk.Table, TableLooks.OtherFiles);
        if (window.Fault == WindowFault.None)
            return reached >= facts.End ? ChunkVerdict.Publish : ChunkVerdict.Wait;
        Hold(window, facts);
        Close(window);
        return ChunkVerdict.ReadAgain;
    }

    /// <summary>The chunk's rows are published: its progress goes into the same append.</summary>
    public void Publish(ChunkWindow window, ChunkFacts facts, int published)
    {
        var table = window.Chunk.Table;
        if (window.Chunk is RangeChunk range)
            range.Part.Finish(range.Range, facts);
        else if (window.Chunk is KeysChunk keys)
            FinishKeys(table, keys, window, facts);
        Close(window);
        table.Health.Recover();
        table.NoteGoodChunk();
        table.Rows += published;
        table.Advance();
        table.IsChanged = true;
        HasNews = true;
    }

    /// <summary>The chunk's table or part is gone, or looks otherwise: it is described again.</summary>
    public static void LookAgain(ChunkWindow window)
    {
        window.Chunk.Table.Shape = null;
        Close(window);
    }

    /// <summary>The chunk cannot be read or published: gives it back.</summary>
    public static void Close(ChunkWindow window)
    {
        if (window.Chunk is RangeChunk range)
            range.Part.GiveBack(range.Range);
        window.Chunk.Table.Windows.Remove(window);
        window.Dispose();
    }

    public void Dispose()
    {
        foreach (var window in tables.Values.SelectMany(table => table.Windows))
            window.Dispose();
        key.Dispose();
    }

    private static bool HasWork(TableSnapshot table) =>
        table.State is TableState.Waiting or TableState.Reading || (table.Health.IsPublished && table.Rereads.Count > 0);

    private static void CheckShape(TableSnapshot table, SourceTable shape)
    {
        foreach (var window in table.Windows)
        {
            if (!ReferenceEquals(window.Chunk.Shape, shape))
                window.Spoil(WindowFault.Reshaped);
        }
    }

    private static void Spoil(TableSnapshot table, WindowFault fault)
    {
        foreach (var window in table.Windows)
            window.Spoil(fault);
    }

    private static void FinishKeys(TableSnapshot table, KeysChunk chunk, ChunkWindow window, ChunkFacts facts)
    {
        table.NoteKeysRead(facts.IsCut);

        // Which of them were not read is not known: those that were published are off the list already.
        if (facts.IsCut)
            return;

        foreach (var text in chunk.Keys)
            table.Rereads.RemoveUpTo(text, window.OpenedAt);
    }

    internal TableSnapshot? TableOf(SourceTable shape)
    {
        if (!ReferenceEquals(shape, latestShape))
            (latestShape, latestTable) = (shape, tables.GetValueOrDefault(shape.Schema.Id));
        return latestTable;
    }

    /// <summary>No transaction may be running that changed the table before it was published; else by what the last try ran into.</summary>
    internal bool IsFree(TableSnapshot table, ulong reached)
    {
        var newest = Recent.Newest;
        if (table.JoinedAt is { } joined && newest?.HasPassed(joined) == true)
        {
            table.JoinedAt = null;
            table.IsChanged = true;
        }

        if (table.HeldFor is { } held && newest is not null && held.AreSeenBy(newest))
            table.HeldFor = null;
        return !table.IsJoining && !table.AwaitsTransactions && !table.IsHeldForCatchingUp && reached >= table.HeldUntil
            && !table.Catalog.IsPaused(clock, Health.LongestPause);
    }

    private void Remember(TableSnapshot table, in SourceChange change, RowImage row, ReadOnlySpan<byte> columns)
    {
        if (table.Windows.Count == 0)
            return;
        KeyText.Write(change.Table.Schema, row, key);
        foreach (var window in table.Windows)
            window.Remember(key.WrittenSpan, change.Transaction, columns);
    }

    /// <summary>
    /// Puts the new row's key on the list where columns of it were not sent. Not while nothing of the table is read: every read is
    /// later then.
    /// </summary>
    private void List(TableSnapshot table, in SourceChange change, bool ofSnapshot)
    {
        if (table.State is TableState.Waiting or TableState.Stopped or TableState.Gone
            || change.After.Columns.IndexOf(ColumnSlice.Unchanged) < 0)
            return;
        KeyText.Write(change.Table.Schema, change.After, key);
        if (!table.Rereads.TryAdd(key.WrittenSpan, changes, ofSnapshot))
            StartAgain(table);
    }

    internal void StartAgain(TableSnapshot table)
    {
        table.StartAgain();
        table.IsHeldForCatchingUp = true;
        HasNews = true;
    }

    private static void Hold(ChunkWindow window, ChunkFacts facts)
    {
        var table = window.Chunk.Table;
        switch (window.Fault)
        {
            case WindowFault.Overflow:
                table.HalveChunks();
                table.IsHeldForCatchingUp = true;
                break;
            case WindowFault.Edge:
                table.HeldFor = window.Suspects;
                break;
            case WindowFault.Reshaped:
                table.Shape = null;
                table.HeldUntil = Math.Max(table.HeldUntil, facts.End);
                break;
            case WindowFault.Truncated:
                table.HeldUntil = Math.Max(table.HeldUntil, facts.End);
                break;
        }
    }

    /// <summary>Bitmap of the columns that a row carries; empty where it carries all.</summary>
    private ReadOnlySpan<byte> Carried(RowImage row)
    {
        if (row.Columns.IndexOf(ColumnSlice.Unchanged) < 0)
            return default;
        var length = (row.Columns.Length + 7) / 8;
        if (carried.Length < length)
            carried = new byte[length];
        carried.AsSpan().Clear();
        for (var i = 0; i < row.Columns.Length; i++)
        {
            if (row.State(i) != ColumnState.Unchanged)
                carried[i / 8] |= (byte)(1 << (i % 8));
        }

        return carried.AsSpan(0, length);
    }
}
