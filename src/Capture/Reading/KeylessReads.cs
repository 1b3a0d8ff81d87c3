using Cdc.Capture.Sources;
using Cdc.Capture.Tables;

namespace Cdc.Capture.Reading;

/// <summary>
/// The rule for tables without a key, without any I/O. Their rows cannot be told apart, so nothing of them is published before the read;
/// then, while the stream stands between two transactions, one snapshot of the whole table, behind a truncate.
/// </summary>
/// <remarks>
/// Why the target is right then. A change belongs to a transaction that the snapshot sees or does not see. Seen: its effect is in the rows
/// that were read, and its changes are dropped, those before the read with all others of the table, those behind it one by one until the
/// stream has passed the end of all that the snapshot saw; from then on nothing that comes was seen. Not seen: it must not have been
/// dropped already (else the snapshot is taken again), so all its changes come behind the read. What is not seen does not come before what
/// is seen in any row's history: who changes a row of a running transaction waits for its end, and sees it. So the changes behind the read
/// find the rows that they remove. A cut through a transaction does no harm: its number is kept until a snapshot sees it, across restarts.
/// The stream is held at once and not only where an unseen transaction comes: it may come next, and where it does is known too late.
/// What was not read to the end, or not passed, starts over with a new truncate.
/// </remarks>
public sealed class KeylessReads(TableSnapshots reads)
{
    /// <summary>A read is done, and the stream has not yet passed what it saw.</summary>
    public bool IsPassing => reads.Tables.Any(table => table.Whole is not null && table.State == TableState.Reading);

    /// <summary>Whether a streamed change is not published: the table is not read yet, or the read saw it.</summary>
    public bool Withholds(in SourceChange change) =>
        !change.Table.Schema.HasKey && reads.TableOf(change.Table) is { } table && table.State switch
        {
            TableState.Waiting => true,
            TableState.Reading => table.Whole is null || table.Whole.Sight.Sees(change.Transaction),
            _ => false,
        };

    /// <summary>The table was found to have no key.</summary>
    public void Describe(TableSnapshot table, TableDescription found)
    {
        if (table.IsReading)
            reads.StartAgain(table);
        table.DescribeWhole(found);

        // Nearly at the log's end the stream is held for the read alone, and little is to be dropped afterwards.
        table.IsHeldForCatchingUp = true;
    }

    /// <summary>The table that is to be read now; null where there is none.</summary>
    /// <param name="reached">How far the stream is.</param>
    public TableSnapshot? Next(ulong reached)
    {
        foreach (var table in reads.Tables)
        {
            if (table.State == TableState.Waiting && table.Shape is { Schema.HasKey: false } && !table.Health.IsPaused
                && reads.IsFree(table, reached))
                return table;
        }

        return null;
    }

    /// <summary>
    /// Begins a read under a snapshot that was taken while the stream stood; false where that will not do. The truncate comes behind the
    /// append that notes this, so that who starts at the noted place finds it.
    /// </summary>
    public bool TryBegin(TableSnapshot table, ChunkFacts facts)
    {
        // Whatever table they changed: which of them changed this one is not kept.
        table.HeldFor = reads.Recent.AreSeenBy(facts.Sight) ? null : reads.Recent.Copy();
        reads.See(facts.Sight);
        if (facts.IsReshaped)
            (table.Shape, table.HeldUntil) = (null, Math.Max(table.HeldUntil, facts.End));
        if (facts.IsReshaped || table.HeldFor is not null)
            return false;
        reads.Begun(table);
        return true;
    }

    /// <summary>All rows are published; the stream may continue.</summary>
    public void End(TableSnapshot table, ChunkFacts facts)
    {
        (table.Whole, table.Yields) = (facts, 0);
        table.IsChanged = true;
        reads.NoteNews();
    }

    /// <summary>The stream is that far: what was read, and is passed now, is complete.</summary>
    public TableSnapshot? TakePassed(ulong reached)
    {
        foreach (var table in reads.Tables)
        {
            if (table.Whole is null || table.State != TableState.Reading || reached < table.Whole.End)
                continue;
            table.Whole = null;
            table.Health.Recover();
            table.Advance();
            reads.NoteNews();
            return table;
        }

        return null;
    }
}
