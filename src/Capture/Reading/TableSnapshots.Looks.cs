using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Reading;

/// <summary>What looks at the catalog mean for the tables.</summary>
public sealed partial class TableSnapshots
{
    /// <summary>Whether the log has a topic of that table with a snapshot in it: what was there before must be replaced.</summary>
    public Func<TableId, bool> HasTopic { get; init; } = _ => false;

    /// <summary>Told of a table whose read begins again, because it was found otherwise meanwhile.</summary>
    public Action<TableSnapshot, LookDifference>? OnRestart { get; set; }

    /// <summary>
    /// Holds what the catalog says now against what the complete snapshots are of, and notes what does not matter. A part that came is
    /// read; where rows may be missing, or others than those that the stream told of, the table is to be read again
    /// (<see cref="ReadAgain"/>).
    /// </summary>
    /// <param name="sight">What was seen.</param>
    /// <param name="isSettled">As of <see cref="ColumnNumbers.Compare"/>.</param>
    /// <param name="isPassed">The stream is past the look: what it tells of files was told.</param>
    /// <param name="isLeft">Files differ, or a table is gone, and the stream may still tell more of it.</param>
    public IReadOnlyList<FoundDifference> Compare(CatalogSight sight, bool isSettled, bool isPassed, out bool isLeft)
    {
        var found = new List<FoundDifference>();
        isLeft = false;
        foreach (var table in tables.Values.Where(table => table.State == TableState.Complete && table.Catalog.Position <= sight.Position))
        {
            if (!sight.Tables.TryGetValue(table.Table, out var now))
            {
                var isGone = sight.Gone.Contains(NumberOf(table));
                isLeft |= isGone && !isPassed;
                if (isGone && isPassed)
                    Leave(table); // All its changes are streamed.
                continue;
            }

            var difference = TableLooks.Compare(table, now, isSettled);
            HasNews |= table.IsChanged || table.Catalog.IsChanged;
            if (difference.MayBeExplained && !isPassed)
                isLeft = true;
            else if (difference.Difference.MeansRead)
                found.Add(difference);
        }

        return found;
    }

    /// <summary>The source's numbers of the tables that a look is to say of whether they are still there.</summary>
    public IReadOnlyCollection<uint> KnownNumbers() =>
        [.. tables.Values.Where(table => table.State == TableState.Complete).Select(NumberOf).Where(number => number > 0)];

    /// <summary>
    /// By the source's number, each table whose records are of that one as far as the stream was taken: its read has begun, and none was
    /// seen or streamed under another name since. None for a number of which that is said twice.
    /// </summary>
    public IReadOnlyDictionary<uint, TableId> KnownNames() => tables.Values
        .Where(table => table.State is not (TableState.Waiting or TableState.Gone)
            && table is { IsUnread: false, Catalog: { HasMissed: false, Fingerprint: not null } })
        .Where(table => table.Catalog.Fingerprint!.Name == table.Table.ToString())
        .GroupBy(table => table.Catalog.Fingerprint!.Number, table => table.Table)
        .Where(group => group.Count() == 1)
        .ToDictionary(group => group.Key, group => group.Single());

    /// <summary>A complete table is to be read again for what was found. Who was not published meanwhile joins again.</summary>
    public void ReadAgain(FoundDifference found)
    {
        var table = found.Table;
        table.Ask(ReadReasons.Of(found.Difference.Verdict));
        table.IsHeldForCatchingUp = true;
        table.IsJoining |= found.Difference.Verdict == LookVerdict.Gap;
        HasNews = true;
    }

    /// <summary>The source streams changes of a table by that name and number. True where a look may find more.</summary>
    public bool Announce(TableId name, uint number)
    {
        var isNews = false;
        foreach (var table in tables.Values)
        {
            if (table.Table == name)
            {
                isNews |= table.Catalog.Fingerprint is { } known && known.Number != number;
            }
            else if (table.Catalog.Meet(name.ToString(), number))
            {
                isNews = HasNews = true;
                if (table.IsReading)
                    Restart(table, new LookDifference(LookVerdict.Gap, "name was different in between"));
            }
        }

        return isNews;
    }

    /// <summary>Rows of a partition are streamed as the table's.</summary>
    public void Bring(TableId name, uint partition)
    {
        if (Find(name) is { } table)
            HasNews |= table.Catalog.Bring(partition);
    }

    private static uint NumberOf(TableSnapshot table) => table.Catalog.Fingerprint?.Number ?? table.Number;

    /// <summary>What was read of it does not count any more, because it is otherwise than the read found it.</summary>
    internal void Restart(TableSnapshot table, LookDifference difference)
    {
        if (table.IsReading)
        {
            table.Catalog.Restart(clock.GetUtcNow(), Health.LongestPause);
            OnRestart?.Invoke(table, difference);
        }

        StartAgain(table);
        if (difference.Verdict != LookVerdict.Gap)
            return;
        table.IsJoining = true;
        if (table.Reason == ReadReasons.Recheck)
            table.Reason = ReadReasons.Gap;
    }
}
