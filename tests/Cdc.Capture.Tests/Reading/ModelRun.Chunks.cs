using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Tests.Reading;

/// <summary>The chunks of a run: opened, read, judged, published.</summary>
internal sealed partial class ModelRun
{
    private void Open()
    {
        foreach (var table in reads.ToDescribe().ToList())
        {
            var part = new PagedPart(1, Table, database.FileNode) { Pages = database.Pages };
            reads.Describe(table, new TableDescription(shape, 1, [part], 0));
        }

        if (reads.FindToBegin(at.Reached) is { } waiting)
            reads.Begin(waiting);
        if (open.Count >= 2)
            return;
        if (reads.TryOpen(at.Reached) is not { } window)
            return;
        open.Add(new OpenChunk(window));
    }

    /// <summary>One of the open chunks goes one step on: read, learn the position, be judged.</summary>
    private void Advance()
    {
        if (open.Count == 0)
            return;
        var chunk = open[random.Next(open.Count)];
        if (chunk.Facts is null)
            Read(chunk);
        else if (chunk.Facts.End == 0)
            chunk.Facts = chunk.Facts with { End = flaw == ModelFlaw.FlushedPosition ? database.Flushed : database.Inserted };
        else
            Judge(chunk);
    }

    private void Read(OpenChunk open)
    {
        if (!database.CanRead)
            return;
        var snapshot = TransactionSnapshot.Parse(database.Snapshot());
        var scan = open.Window.Chunk is KeysChunk || random.Next(6) == 0 ? ModelScan.Index : ModelScan.File;
        var rows = database.Read(snapshot, scan).Where(version => ModelRow.IsIn(open.Window.Chunk, version)).ToList();
        if (open.Window.Chunk is RangeChunk by && flaw != ModelFlaw.OrderIgnored && !IsInOrder(((PageRange)by.Range).After, rows))
        {
            this.open.Remove(open);
            TableSnapshots.Close(open.Window);
            return;
        }

        var cut = rows.Count > 1 && random.Next(3) == 0 ? random.Next(1, rows.Count) : rows.Count;
        var isCut = cut < rows.Count;
        var pages = (open.Window.Chunk as RangeChunk)?.Range as PageRange;
        var rest = isCut ? pages?.Behind(new PagePlace(rows[cut - 1].Page, rows[cut - 1].Row)) : null;
        open.Rows = [.. rows.Take(cut)];
        open.Facts = new ChunkFacts(snapshot, 0, open.Window.Chunk is RangeChunk ? database.FileNode : 0)
        {
            IsCut = isCut, Rest = rest, Rows = cut, Bytes = random.Next(1, 20_000),
        };
        if (flaw == ModelFlaw.FileIgnored && open.Window.Chunk is RangeChunk range)
            open.Facts = open.Facts with { FileVersion = range.Part.Version };
    }

    private static bool IsInOrder(PagePlace last, List<ModelVersion> rows)
    {
        foreach (var place in rows.Select(row => new PagePlace(row.Page, row.Row)))
        {
            if (!place.IsBehind(last))
                return false;
            last = place;
        }

        return true;
    }

    private void Judge(OpenChunk chunk)
    {
        var facts = chunk.Facts!;
        var window = chunk.Window;
        if (flaw == ModelFlaw.LateWindow)
            window = new ChunkWindow(window.Chunk, PostgresNotes.Instance.ReadSuspects(null), window.OpenedAt, 1 << 20);
        var verdict = flaw == ModelFlaw.OverflowIgnored && window.Fault == WindowFault.Overflow
            ? at.Reached >= facts.End ? ChunkVerdict.Publish : ChunkVerdict.Wait
            : reads.Judge(chunk.Window, facts, flaw == ModelFlaw.PublishedEarly ? ulong.MaxValue : at.Reached);
        if (verdict == ChunkVerdict.Wait)
            return;
        open.Remove(chunk);
        if (verdict == ChunkVerdict.ReadAgain)
            return;
        using var reconciler = new ChunkReconciler(
            window, flaw == ModelFlaw.VisibilityIgnored ? TransactionSnapshot.Parse("9000000000:9000000000:") : facts.Sight);
        var count = chunk.Rows.Count(row => Publish(reconciler, row));
        published.Add(facts.Sight);
        reads.Publish(chunk.Window, facts, count);
        if (flaw == ModelFlaw.ProgressAhead)
        {
            checkpoint.Take(reads.TakeNotes().Entries.Where(entry => entry.Value is not null));
            return;
        }

        Append();
    }

    private bool Publish(ChunkReconciler reconciler, ModelVersion row)
    {
        var (bytes, columns) = ModelRow.ImageOf(row.Key, row.Small, row.Big);
        if (!reconciler.Keeps(bytes, columns))
            return false;
        var ignores = flaw == ModelFlaw.ColumnsIgnored;
        int? Kept(int column, int value) => ignores || columns[column].State == ColumnState.Value ? value : null;
        batch.Add(new ModelEvent(Operation.Read, row.Key, Kept(1, row.Small), Kept(2, row.Big)));
        return true;
    }
}
