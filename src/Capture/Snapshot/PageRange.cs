namespace Cdc.Capture.Snapshot;

/// <summary>A row's place in its file.</summary>
/// <param name="Page">From 0.</param>
/// <param name="Row">From 1; 0 is before the first.</param>
public readonly record struct PagePlace(uint Page, uint Row)
{
    public bool IsBehind(PagePlace other) => Page > other.Page || (Page == other.Page && Row > other.Row);
}

/// <summary>A run of a file's pages.</summary>
/// <param name="After">Rows behind this place.</param>
/// <param name="End">The first page that does not belong to it; null: to the end of the file, wherever that is by then.</param>
public readonly record struct PageRange(PagePlace After, uint? End);
