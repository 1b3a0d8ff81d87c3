using System.Collections.Immutable;
using System.Text;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Sink.SchemaEvolution;

/// <summary>
/// The columns every target table has beside the source's: which record wrote the row last, and when the source committed it. Their names,
/// and the rule for what these begin with, are written here and nowhere else; their types are each writer's own.
/// </summary>
public sealed class MetadataColumns
{
    /// <summary>What the names begin with where nothing else is said.</summary>
    public const string DefaultPrefix = "_cdc_";

    /// <summary>With the longest ending it is a name that every target keeps whole.</summary>
    public const int LongestPrefix = 32;

    private const int MicrosecondDigits = 6;

    /// <param name="prefix">What the names begin with; <see cref="IsPrefix"/> holds for it.</param>
    public MetadataColumns(string prefix)
    {
        if (!IsPrefix(prefix))
            throw new ArgumentException($"'{prefix}' cannot begin a column's name.", nameof(prefix));
        Prefix = prefix;
        Partition = prefix + "partition";
        Offset = prefix + "offset";
        CommittedAt = prefix + "committed_at";
        Names = [Partition, Offset, CommittedAt];
    }

    public static MetadataColumns Default { get; } = new(DefaultPrefix);

    /// <summary>Those of a prefix that a target notes of a table. Throws <c>CDC-5018</c> for one that no sink wrote there.</summary>
    public static MetadataColumns Noted(string prefix) => IsPrefix(prefix)
        ? new MetadataColumns(prefix)
        : throw new CdcException(ErrorCodes.LedgerUnreadable,
            $"Reading '_cdc.tables', '{prefix}' was found as a 'metadata_prefix', and the beginning of a column's name was expected.");

    public string Prefix { get; }

    public string Partition { get; }

    public string Offset { get; }

    public string CommittedAt { get; }

    /// <summary>All of them, in a table's order.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>
    /// Those of a source's columns that are another installation's bookkeeping, where it wrote that table and gave its columns these names:
    /// all three, with their types, or none. They say nothing of the source's rows, and here they would be taken for this sink's own.
    /// </summary>
    public ImmutableArray<string> FindIn(TableSchema table)
    {
        var own = table.Columns.Index().Where(column => Names.Contains(column.Item.Name, StringComparer.Ordinal)).ToList();
        var isWhole = own.Count == Names.Length
            && own.TrueForAll(column => !table.Key.Contains(column.Index) && column.Item.Type == TypeOf(column.Item.Name));
        return isWhole ? Names : [];
    }

    /// <summary>
    /// The first of a source's columns that would have the name of one of ours; null where there is none. Those that
    /// <see cref="FindIn"/> finds are left out.
    /// </summary>
    /// <param name="table">As its events describe it.</param>
    /// <param name="ignoresCase">The target tells names apart no further than by their letters.</param>
    public string? FindTaken(TableSchema table, bool ignoresCase) => table.Without(FindIn(table)).Columns.Select(column => column.Name)
        .FirstOrDefault(name => ignoresCase
            ? Names.Any(own => Ascii.EqualsIgnoreCase(own, name)) : Names.Contains(name, StringComparer.Ordinal));

    private ColumnType TypeOf(string name) =>
        name == Partition ? new ColumnType.Int32() : name == Offset ? new ColumnType.Int64()
            : new ColumnType.ZonedTimestamp(MicrosecondDigits);

    /// <summary>Small letters, digits and <c>_</c>: such a name means the same to every target, quoted or not.</summary>
    public static bool IsPrefix(string text) =>
        text.Length is > 0 and <= LongestPrefix && !char.IsAsciiDigit(text[0])
            && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
