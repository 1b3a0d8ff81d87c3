using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Reading;

/// <summary>How far the reading of one table is. It belongs to the thread that takes the stream's changes.</summary>
public sealed class TableSnapshot(TableHealth health, ReadLimits limits)
{
    private const int MostKeys = 500;
    private const int LeastBytes = 1 << 12;

    /// <summary>So many chunks in a row say that they are not too large.</summary>
    private const int GoodChunks = 4;

    private readonly List<TablePart> parts = [];
    private Dictionary<uint, uint>? files;
    private int good;

    public TableId Table => Health.Table;

    /// <summary>Whether it continues: shared with who publishes it.</summary>
    public TableHealth Health { get; } = health;

    public TableState State => Health.State;

    /// <summary>One reading of the table; another one when it starts again.</summary>
    public string SnapshotId { get; private set; } = "";

    /// <summary>Why it is read, a word of <see cref="ReadReasons"/>.</summary>
    public string Reason { get; set; } = ReadReasons.First;

    public IReadOnlyList<TablePart> Parts => parts;

    /// <summary>
    /// By the source's number, the versions of the files that its snapshot is of; null where that is not known. One that is gone meanwhile
    /// stays, so that it is missed.
    /// </summary>
    public IReadOnlyDictionary<uint, uint>? Files => files;

    /// <summary>Of which columns its records are.</summary>
    public ColumnNumbers Columns { get; set; } = new();

    /// <summary>Of which table they are, published how.</summary>
    public NotedLook Catalog { get; set; } = new();

    /// <summary>Rows published so far under <see cref="SnapshotId"/>.</summary>
    public long Rows { get; set; }

    public long EstimatedRows { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>
    /// The table joined the stream while transactions below this horizon (<see cref="IReadSight.Horizon"/>) were running: none of them may
    /// be running when it is read.
    /// </summary>
    public ulong? JoinedAt { get; set; }

    /// <summary>It joined, and <see cref="JoinedAt"/> is still to be asked for.</summary>
    public bool IsJoining { get; set; }

    /// <summary>What it looks like; null until it is described, and again when it turned out to look otherwise.</summary>
    public SourceTable? Shape { get; set; }

    /// <summary>The source's number of the table, as of the description.</summary>
    public uint Number { get; set; }

    /// <summary>
    /// Of a table without a key: its rows are published, and what the read saw is dropped from the stream until that has passed.
    /// </summary>
    public ChunkFacts? Whole { get; set; }

    public RereadKeys Rereads { get; } = new(limits.RereadKeys, limits.RereadBytes);

    /// <summary>Windows that are open.</summary>
    public List<ChunkWindow> Windows { get; } = [];

    /// <summary>Not read before the stream is here.</summary>
    public ulong HeldUntil { get; set; }

    /// <summary>Not read before the stream has caught up with the source's log as it is now.</summary>
    public bool IsHeldForCatchingUp { get; set; }

    /// <summary>Not read before these are visible; null for none.</summary>
    public ISuspects? HeldFor { get; set; }

    /// <summary>Somebody's transaction must end before it is read.</summary>
    public bool AwaitsTransactions => JoinedAt is not null || HeldFor is not null;

    /// <summary>How often the read of a table without a key ended for the sake of somebody who waited for it.</summary>
    public int Yields { get; set; }

    /// <summary>How often the chunks were halved because too much changed meanwhile, and not doubled since.</summary>
    public int Halvings { get; private set; }

    /// <summary>How many keys are read at once.</summary>
    public int KeysAtOnce { get; private set; } = MostKeys;

    /// <summary>Only rows whose key changed are read of it; the checkpoint says nothing of it.</summary>
    public bool IsUnread { get; set; }

    /// <summary>Its snapshot has begun, and the append that notes where is still to come: no window is opened before.</summary>
    public bool IsBeginUnnoted { get; private set; }

    /// <summary>Its snapshot is complete, and the append that notes where is still to come.</summary>
    public bool IsEndUnnoted { get; private set; }

    /// <summary>What the checkpoint says of it has changed.</summary>
    public bool IsChanged { get; set; }

    public bool IsReading => State is TableState.Reading or TableState.Rereading;

    /// <summary>The bytes of its next chunk.</summary>
    public int ChunkBytes => Math.Max(limits.ChunkBytes >> Halvings, LeastBytes);

    /// <summary>Too much changed while a chunk was read: the next ones are smaller.</summary>
    public void HalveChunks() => (Halvings, good) = (ChunkBytes > LeastBytes ? Halvings + 1 : Halvings, 0);

    /// <summary>A chunk was published: after some of them, those that were made smaller grow again.</summary>
    public void NoteGoodChunk()
    {
        if (Halvings > 0 && ++good >= GoodChunks)
            (Halvings, good) = (Halvings - 1, 0);
    }

    /// <summary>So many keys at once were too many, or were not.</summary>
    public void NoteKeysRead(bool isCut) => KeysAtOnce = isCut ? Math.Max(1, KeysAtOnce / 2) : Math.Min(MostKeys, KeysAtOnce * 2);

    public void Begin(string snapshotId, DateTimeOffset now)
    {
        Move(TableStep.Begin);
        SnapshotId = snapshotId;
        Rows = 0;
        StartedAt = now;
        IsBeginUnnoted = true;
        Columns.Settle();
        Catalog.Adopt();
        if (Reason != ReadReasons.First)
            Catalog.ForgetBrought(); // The read's end removes what it did not see.
    }

    /// <summary>The edges of its snapshot go into an append.</summary>
    public void NoteEdges() => (IsBeginUnnoted, IsEndUnnoted) = (false, false);

    /// <summary>Continues with what the checkpoint says.</summary>
    /// <param name="state">As it was left.</param>
    /// <param name="snapshotId">See <see cref="SnapshotId"/>.</param>
    /// <param name="reason">See <see cref="Reason"/>.</param>
    /// <param name="resumed">Its parts, where it is being read.</param>
    /// <param name="known">See <see cref="Files"/>.</param>
    public void Resume(
        TableState state, string snapshotId, string reason, IEnumerable<TablePart> resumed, Dictionary<uint, uint>? known = null)
    {
        files = known;
        (SnapshotId, Reason) = (snapshotId, reason);
        if (Health.State != TableState.Stopped)
            Health.Restore(state);
        parts.AddRange(resumed);
    }

    /// <summary>
    /// The table's parts, columns and whatever else the catalog has, as they are now; what differs so that what was read in part does not
    /// count.
    /// </summary>
    public LookDifference Describe(TableDescription description)
    {
        var found = description.Parts;
        if (State != TableState.Reading)
        {
            parts.Clear();
            parts.AddRange(found);
            if (State == TableState.Waiting)
                Await(description);
            return LookDifference.None;
        }

        var difference = Catalog.Compare(description.Look);
        if (!difference.MeansRead && !TryTake(description.Look.Columns, isSettled: false))
            difference = TableLooks.OtherColumns;
        if (difference.MeansRead)
            return difference;
        files ??= parts.ToDictionary(part => part.Number, part => part.Version);

        foreach (var part in parts.ToList())
        {
            if (found.FirstOrDefault(other => other.Number == part.Number) is not { } same)
                parts.Remove(part);
            else if (same.Version != part.Version)
                return TableLooks.OtherFiles;
            else
                part.Measure(same);
        }

        foreach (var part in found.Where(other => files.TryAdd(other.Number, other.Version)))
            parts.Add(part);
        return LookDifference.None;
    }

    /// <summary>It is read as a whole, and has no parts.</summary>
    public void DescribeWhole(TableDescription description)
    {
        parts.Clear();
        Await(description);
    }

    /// <summary>
    /// The next read finds it so, and begins when the stream is past that: what is streamed behind the start is then of what was found.
    /// </summary>
    private void Await(TableDescription description)
    {
        files = description.Parts.ToDictionary(part => part.Number, part => part.Version);
        IsChanged |= Columns.Take(description.Look.Columns);
        Catalog.Find(description.Look, description.Position);
        HeldUntil = Math.Max(HeldUntil, description.Position);
    }

    /// <summary>The files as they are now, of a table that is read. False where it must be read again.</summary>
    public bool TryTakeFiles(TableLook now)
    {
        if (now.Files is not { } found)
            return true;
        if (files is null)
        {
            // What its snapshot is of was not known; from now on it is.
            files = found.ToDictionary(file => file.Number, file => file.Version);
            IsChanged = true;
        }

        var same = found.Where(file =>
            files.TryGetValue(file.Number, out var version) && (version == file.Version || Catalog.Explains(file, now))).ToList();
        if (same.Count < files.Count || (found.Count > files.Count && now.Fingerprint?.HasKey == false))
            return false;
        foreach (var file in same.Where(file => files[file.Number] != file.Version))
            (files[file.Number], IsChanged) = (file.Version, true);
        if (found.Count > files.Count)
            Extend(found.Where(file => !files.ContainsKey(file.Number)).ToList());
        Catalog.Settle(now.Stamp);
        return true;
    }

    /// <summary>The files as they are now, whatever they were.</summary>
    public void TakeFiles(TableLook now)
    {
        files = now.Files?.ToDictionary(file => file.Number, file => file.Version);
        Catalog.Take(now);
        Catalog.Settle(now.Stamp);
        Catalog.ForgetBrought();
        IsChanged = true;
    }

    /// <summary>
    /// The columns as they are now. False where it must be read again; arguments as of <see cref="ColumnNumbers.Compare"/>.
    /// </summary>
    public bool TryTake(TableColumns now, bool isSettled)
    {
        var verdict = Columns.Compare(now, isSettled);
        IsChanged |= verdict == ColumnsVerdict.Taken;
        return verdict != ColumnsVerdict.ReadAgain;
    }

    /// <summary>Parts came that were never read: its snapshot is complete once they are.</summary>
    private void Extend(List<TableFile> added)
    {
        Move(TableStep.Extend);
        parts.Clear();
        foreach (var file in added)
        {
            files!.Add(file.Number, file.Version);
            parts.Add(file.ToPart());
        }

        Shape = null;
    }

    /// <summary>All ranges, and then all keys of the snapshot, were published.</summary>
    public void Advance()
    {
        if (State == TableState.Reading && parts.TrueForAll(part => part.IsRead))
            Move(TableStep.RangesRead);
        if (State != TableState.Rereading || Rereads.OfSnapshot > 0)
            return;
        Move(TableStep.KeysRead);
        IsEndUnnoted = true;
        Catalog.Complete();
    }

    /// <summary>Somebody asks that it is read again, as a whole.</summary>
    public void Ask(string reason = ReadReasons.Gap)
    {
        Move(TableStep.Ask);
        (Reason, IsUnread) = (reason, false);
        Forget();
    }

    /// <summary>Nothing that was read counts any more.</summary>
    public void StartAgain()
    {
        if (State == TableState.Complete)
            (Reason, IsUnread) = (ReadReasons.Gap, false);
        Move(TableStep.StartAgain);
        Forget();
    }

    /// <summary>The source no longer has it.</summary>
    public void Leave()
    {
        Move(TableStep.Leave);
        Abandon();
    }

    /// <summary>Nothing that is under way counts any more.</summary>
    public void Abandon()
    {
        Whole = null;
        NoteEdges();
        foreach (var window in Windows)
            window.Spoil(WindowFault.Abandoned);
    }

    private void Forget()
    {
        Abandon();
        parts.Clear();
        Rereads.Clear();
        Shape = null;
    }

    private void Move(TableStep step)
    {
        Health.Move(step);
        IsChanged = true;
    }
}
