using System.Globalization;
using Cdc.Capture.Reading;

namespace Cdc.Capture.Postgres.Snapshot;

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
public sealed record PageRange(PagePlace After, uint? End) : ReadRange
{
    /// <summary>What is left of it behind a row.</summary>
    public PageRange Behind(PagePlace row) => this with { After = row };

    /// <summary><c>page.row-end</c>; without an end where it is open.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{After.Page}.{After.Row}-{End}");

    /// <summary>What <see cref="ToText"/> made.</summary>
    public static PageRange Parse(string text)
    {
        var parts = text.Split('.', '-');
        return new PageRange(new PagePlace(Number(parts[0]), Number(parts[1])), parts[2].Length == 0 ? null : Number(parts[2]));
    }

    private static uint Number(string text) => uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
