using Cdc.Capture.Publishing;
using Cdc.Capture.Requests;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Reading;

/// <summary>Which tables are read, when their snapshots begin, and what the checkpoint notes of them.</summary>
public sealed partial class TableSnapshots
{
    /// <summary>A table that is not known yet is to be read.</summary>
    /// <param name="isJoining">Transactions may be running that changed it before it was published.</param>
    public void Add(TableId table, bool isJoining) => Add(new TableSnapshot(Health.Of(table), limits)
    {
        Reason = HasTopic(table) ? ReadReasons.Gap : ReadReasons.First,
        IsJoining = isJoining,
        IsChanged = true,
    });

    /// <summary>A table that is not read, except single rows whose key changed; nothing is noted of it.</summary>
    public void AddUnread(TableId table)
    {
        var progress = Find(table) ?? new TableSnapshot(Health.Of(table), limits);
        progress.Resume(TableState.Complete, progress.SnapshotId, progress.Reason, [], progress.Files?.ToDictionary());
        progress.IsUnread = true;
        tables[table] = progress;
        latestShape = null;
    }

    /// <summary>
    /// Changes are missing: nothing that was read or streamed before counts, and every table is read again. Ids of transactions from before
    /// may be of another server.
    /// </summary>
    /// <param name="published">The tables there are now.</param>
    /// <param name="isJoining">As of <see cref="Add(TableId, bool)"/>.</param>
    public void AddAllAgain(IEnumerable<TableId> published, bool isJoining)
    {
        var columns = tables.Values.ToDictionary(table => table.Table, table => table.Columns);
        foreach (var table in tables.Keys.ToList())
            Forget(table);
        foreach (var table in published)
        {
            Add(table, isJoining);
            tables[table].Reason = ReadReasons.Gap;
            if (columns.TryGetValue(table, out var known))
                tables[table].Columns = known;
        }

        (Recent, latest) = (notes.ReadSuspects(null), default);
        recentChanged = true;
    }

    /// <summary>The table is no longer there or no longer published.</summary>
    public void Forget(TableId table)
    {
        if (!tables.Remove(table, out var progress))
            return;
        progress.Abandon();
        Health.Forget(table);
        latestShape = null;
        others.AddRange(ProgressText.Remove(table));
        progress.Rereads.Clear();
        others.AddRange(progress.Rereads.TakeNews().Select(text => ProgressText.Write(progress, text)));
        HasNews = true;
    }

    /// <summary>
    /// The table is to be read again as a whole, as soon as the stream has caught up. Where it is being read already, that serves too.
    /// </summary>
    public void Ask(TableSnapshot table)
    {
        if (table.State == TableState.Waiting && table.Reason != ReadReasons.Gap)
        {
            (table.Reason, table.IsChanged) = (ReadReasons.Gap, true);
            HasNews = true;
        }

        table.Health.TryNow();
        if (table.State is not (TableState.Complete or TableState.Stopped or TableState.Gone))
            return;
        table.Ask();
        table.IsHeldForCatchingUp = true;
        HasNews = true;
    }

    /// <summary>Starts the tables again that requests ask for, and answers with them.</summary>
    public IReadOnlyList<TableSnapshot> Take(IReadOnlyList<ResyncRequest> requests)
    {
        if (requests.Any(request => request.CoversAll))
            AskAll();
        List<TableSnapshot> asked = [.. tables.Values.Where(table => requests.Any(request => request.Includes(table.Table.ToString())))];
        asked.ForEach(Ask);
        return asked;
    }

    /// <summary>
    /// Every table is to be read again, also one that is being read: that acknowledges a gap which capture may not see, such as a log that
    /// lost its end, and begins a new lineage.
    /// </summary>
    private void AskAll()
    {
        foreach (var table in tables.Values)
        {
            if (table.IsReading)
                StartAgain(table);
            else if (table.State == TableState.Waiting)
                table.IsHeldForCatchingUp = true;
        }

        beginsLineage = HasNews = isAllAsked = true;
        Note(new CheckpointEntry(ResyncRequests.AllKey, "asked"));
    }

    /// <summary>The stream shows a table's columns: what the catalog has them for is still to be seen.</summary>
    public void Meet(SourceTable shape)
    {
        if (Find(shape.Schema.Id) is { } table)
            table.IsChanged |= table.Columns.Meet(shape.Schema.Columns.Select(column => column.Name));
    }

    /// <summary>Something else that the next append notes, with all that was observed so far.</summary>
    public void Note(CheckpointEntry entry)
    {
        others.Add(entry);
        HasNews = true;
    }

    /// <summary>Tables that something is to be read of and that are not described yet, and stopped ones whose next try has come.</summary>
    public IEnumerable<TableSnapshot> ToDescribe() => tables.Values.Where(table =>
        !table.Health.IsPaused && (table.State == TableState.Stopped ? !table.IsUnread : table.Shape is null && HasWork(table)));

    /// <summary>A step of the table's reading failed: it is described again before it is tried again.</summary>
    public static void Fail(TableSnapshot table, CdcException error)
    {
        table.Shape = null;
        table.Health.Fail(error);
    }

    /// <summary>A table of that name is there again: all of it is to be read.</summary>
    public void Return(TableSnapshot table)
    {
        Ask(table);
        (table.IsJoining, table.JoinedAt) = (true, null);
    }

    /// <summary>The source no longer has the table.</summary>
    public void Leave(TableSnapshot table)
    {
        if (table.State == TableState.Gone)
            return;
        table.Leave();
        HasNews = true;
    }

    /// <summary>What a table looks like, and which files hold its rows.</summary>
    public void Describe(TableSnapshot table, TableDescription found)
    {
        if (!found.Shape.Schema.HasKey)
        {
            Keyless.Describe(table, found);
        }
        else if (table.Describe(found) is { MeansRead: true } difference)
        {
            Restart(table, difference);
            table.Describe(found);
        }

        (table.Shape, table.Number, table.EstimatedRows) = (found.Shape, found.Number, found.EstimatedRows);
        if (table.State != TableState.Reading)
            return;
        table.Advance(); // The parts that were left may be gone.
        HasNews |= table.IsChanged;
    }

    /// <summary>A table is to be read and waits for the stream, which may not move for want of changes.</summary>
    /// <param name="reached">How far the stream is.</param>
    public bool IsHeldBack(ulong reached) => tables.Values.Any(table => table.HeldUntil > reached && HasWork(table));

    /// <summary>A table with a key whose snapshot may begin now; null where there is none.</summary>
    /// <param name="reached">How far the stream is.</param>
    public TableSnapshot? FindToBegin(ulong reached) =>
        tables.Values.FirstOrDefault(table => table.State == TableState.Waiting && table.Shape is { Schema.HasKey: true }
            && !table.Health.IsPaused && IsFree(table, reached));

    /// <summary>
    /// A snapshot begins behind everything observed so far: its first window is opened once that is handed over, so every change that a
    /// window remembers is behind the start too.
    /// </summary>
    public void Begin(TableSnapshot table)
    {
        Begun(table);
        table.Advance(); // It may have no parts.
    }

    /// <summary>With the first read that begins, the stream is past everything that was there when all was asked for.</summary>
    internal void Begun(TableSnapshot table)
    {
        table.Begin(SnapshotPlanner.NewId(), clock.GetUtcNow());
        HasNews = true;
        if (isAllAsked)
            Note(new CheckpointEntry(ResyncRequests.AllKey, null));
        isAllAsked = false;
    }

    /// <summary>What the next append notes; all that was observed so far goes with it.</summary>
    public AppendNotes TakeNotes()
    {
        var entries = new List<CheckpointEntry>(others);
        var edges = new List<SnapshotEdge>();
        others.Clear();
        if (recentChanged)
            entries.Add(new CheckpointEntry(ProgressText.RecentKey, Recent.ToText()));
        foreach (var table in tables.Values)
        {
            if (table.Rereads.HasNews)
                entries.AddRange(table.Rereads.TakeNews().Select(text => ProgressText.Write(table, text)));
            if (table.IsChanged && table.State != TableState.Stopped)
                entries.Add(ProgressText.Write(table));
            if (table.Catalog.IsChanged)
                entries.Add(ProgressText.WriteLook(table));
            if (table.IsBeginUnnoted && table.Health.IsPublished)
                edges.Add(new SnapshotEdge(table.Table, table.SnapshotId, table.Reason, EdgeSide.Begin));
            if (table.IsEndUnnoted && table.Health.IsPublished)
                edges.Add(new SnapshotEdge(table.Table, table.SnapshotId, table.Reason, EdgeSide.End));
            table.IsChanged = table.Catalog.IsChanged = false;
            table.NoteEdges();
        }

        var taken = new AppendNotes(entries, edges) { BeginsLineage = beginsLineage };
        (recentChanged, beginsLineage, HasNews) = (false, false, false);
        return taken;
    }

    private void Add(TableSnapshot table)
    {
        tables.Add(table.Table, table);
        latestShape = null;
        HasNews = true;
    }
}
