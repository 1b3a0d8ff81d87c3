using System.Text;

namespace Cdc.Cli.Output;

/// <summary>Where the texts of a column stand.</summary>
internal enum Alignment
{
    Left,
    Right,
}

/// <summary>Rows of text in columns as wide as they need to be. What would steer a terminal is shown as escapes.</summary>
internal sealed class TextTable(params ReadOnlySpan<(string Head, Alignment Alignment)> columns)
{
    private const int Gap = 2;

    private readonly (string Head, Alignment Alignment)[] columns = columns.ToArray();
    private readonly List<string[]> rows = [];

    /// <summary>Adds a row; columns that are left out are empty.</summary>
    public void Add(params ReadOnlySpan<string> cells)
    {
        var row = new string[columns.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = i < cells.Length ? Terminal.Visible(cells[i]) : "";
        rows.Add(row);
    }

    public override string ToString()
    {
        var widths = columns.Select((column, i) => rows.Select(row => row[i].Length).Append(column.Head.Length).Max()).ToArray();
        var text = new StringBuilder();
        Append(text, [.. columns.Select(column => column.Head)], widths);
        foreach (var row in rows)
            Append(text, row, widths);
        return text.ToString();
    }

    private void Append(StringBuilder text, string[] row, int[] widths)
    {
        var start = text.Length;
        for (var i = 0; i < row.Length; i++)
            text.Append(columns[i].Alignment == Alignment.Right ? row[i].PadLeft(widths[i]) : row[i].PadRight(widths[i])).Append(' ', Gap);
        while (text.Length > start && text[^1] == ' ')
            text.Length--;
        text.Append('\n');
    }
}
