using System.Collections.Immutable;
using System.Globalization;
using Cdc.Capture.Postgres.Checks;
using Cdc.Cli.Output;
using Cdc.Contracts.Selection;

namespace Cdc.Cli.Setup;

/// <summary>The tables that a source was found to have.</summary>
internal static class FoundTables
{
    private const int MostSchemas = 20;

    /// <summary>As an aligned table, for people.</summary>
    public static string AsText(ImmutableArray<CheckedTable> tables)
    {
        var text = new TextTable(("table", Alignment.Left), ("rows", Alignment.Right), ("size", Alignment.Right), ("key", Alignment.Left));
        foreach (var table in tables)
            text.Add(table.Id.ToString(), Rows(table), Size(table.Bytes), table.Key.IsEmpty ? "none" : string.Join(", ", table.Key));
        return text.ToString();
    }

    /// <summary>Patterns that select every table, by schemas; none, which means all, where there are too many to be read.</summary>
    public static IReadOnlyList<string> Patterns(ImmutableArray<CheckedTable> tables)
    {
        var schemas = tables.Select(table => table.Id.Schema).Distinct(StringComparer.Ordinal).ToList();
        return schemas.Count > MostSchemas ? [] : [.. schemas.Select(schema => Pattern(schema) + ".*").Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The tables of a selection that cannot be captured as they are.</summary>
    public static IEnumerable<CheckedTable> Faulty(ImmutableArray<CheckedTable> tables, IReadOnlyList<string> patterns)
    {
        var selection = TableSelection.OfSource(patterns);
        return tables.Where(table => !table.Faults.IsEmpty && selection.Includes(table.Id.ToString()));
    }

    /// <summary>A pattern that excludes one table.</summary>
    public static string Exclusion(CheckedTable table) => "!" + Pattern(table.Id.ToString());

    public static string Rows(CheckedTable table) =>
        table.Rows > 0 ? string.Create(CultureInfo.InvariantCulture, $"~{table.Rows:#,0}") : table.Bytes > 0 ? "unknown" : "0";

    public static string Size(long bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        var size = (double)bytes;
        var unit = 0;
        for (; size >= 1024 && unit < units.Length - 1; unit++)
            size /= 1024;
        return string.Create(CultureInfo.InvariantCulture,
            $"{size.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {units[unit]}");
    }

    /// <summary>
    /// A name as a pattern. What no pattern can hold stands for any characters: control characters, a blank at either end, a leading
    /// <c>!</c>.
    /// </summary>
    private static string Pattern(string name)
    {
        var pattern = name.ToCharArray();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (char.IsControl(pattern[i]) || (i == 0 && (pattern[i] == '!' || char.IsWhiteSpace(pattern[i])))
                || (i == pattern.Length - 1 && char.IsWhiteSpace(pattern[i])))
                pattern[i] = '*';
        }

        return new string(pattern);
    }
}
