namespace Cdc.Capture.Reading;

/// <summary>What a look found of one table.</summary>
/// <param name="Table">Whose.</param>
/// <param name="Difference">What it found.</param>
/// <param name="IsOfFiles">Only the files differ.</param>
public readonly record struct FoundDifference(TableSnapshot Table, LookDifference Difference, bool IsOfFiles)
{
    /// <summary>The stream may still tell how it came.</summary>
    public bool MayBeExplained { get; init; }
}

/// <summary>Holds what the catalog has of tables against what their records are of. Pure but for what it notes.</summary>
internal static class TableLooks
{
    public static LookDifference OtherColumns { get; } = new(LookVerdict.Recheck,
        "columns were added with values, created again or renamed");

    public static LookDifference OtherFiles { get; } = new(LookVerdict.Recheck,
        "rows are in other files (rewritten, truncated alone, or a partition was removed)");

    public static LookDifference LostPartition { get; } = new(LookVerdict.Recheck,
        "partition was added, brought rows and was removed between two looks");

    /// <summary>What of a table whose read is complete means that it must be read again; notes what does not.</summary>
    /// <param name="table">The table.</param>
    /// <param name="now">As the catalog has it.</param>
    /// <param name="isSettled">As of <see cref="ColumnNumbers.Compare"/>.</param>
    public static FoundDifference Compare(TableSnapshot table, TableLook now, bool isSettled)
    {
        var difference = table.Catalog.Compare(now);
        if (!difference.MeansRead && !table.TryTake(now.Columns, isSettled))
            difference = OtherColumns;
        if (difference.MeansRead)
            return new FoundDifference(table, difference, IsOfFiles: false);
        // What was attached is seen a moment after its rows are streamed: a look that somebody hurried says nothing of it. Asked before the
        // files: where another partition came they begin its read, and this needs one of the whole table.
        if (table.Catalog.LacksBrought(now) && isSettled)
            return new FoundDifference(table, LostPartition, IsOfFiles: true);
        return table.TryTakeFiles(now) ? default : new FoundDifference(table, OtherFiles, IsOfFiles: true) { MayBeExplained = true };
    }
}
