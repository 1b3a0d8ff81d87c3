using System.Collections.Immutable;

namespace Cdc.Contracts.Selection;

/// <summary>
/// Which names are meant: some pattern matches and none with <c>!</c> does. Only <c>!</c> patterns, or none at all, mean all others.
/// </summary>
public sealed class TableSelection
{
    /// <summary>The schema in a target that holds a sink's ledger and which tables are its own.</summary>
    public const string PlatformSchema = "_cdc";

    private readonly ImmutableArray<TablePattern> included;
    private readonly ImmutableArray<TablePattern> excluded;

    public TableSelection(IEnumerable<string> patterns)
    {
        var all = patterns.ToList();
        excluded = [.. all.Where(p => p.StartsWith('!')).Select(p => new TablePattern(p[1..]))];
        included = [.. all.Where(p => !p.StartsWith('!')).Select(p => new TablePattern(p))];
    }

    /// <summary>
    /// The tables of a source, as <c>schema.table</c>; never what sinks keep of themselves in their targets, which may be the same
    /// database.
    /// </summary>
    public static TableSelection OfSource(IEnumerable<string> patterns) => new([.. patterns, $"!{PlatformSchema}.*"]);

    public bool Includes(string name) =>
        (included.IsEmpty || included.Any(pattern => pattern.Matches(name))) && !excluded.Any(pattern => pattern.Matches(name));
}
