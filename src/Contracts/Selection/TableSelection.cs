using System.Collections.Immutable;

namespace Cdc.Contracts.Selection;

/// <summary>Which names are meant: some pattern matches and none with <c>!</c> does. Only <c>!</c> patterns, or none at all, mean all others.</summary>
public sealed class TableSelection
{
    private readonly ImmutableArray<TablePattern> included;
    private readonly ImmutableArray<TablePattern> excluded;

    public TableSelection(IEnumerable<string> patterns)
    {
        var all = patterns.ToList();
        excluded = [.. all.Where(p => p.StartsWith('!')).Select(p => new TablePattern(p[1..]))];
        included = [.. all.Where(p => !p.StartsWith('!')).Select(p => new TablePattern(p))];
    }

    public bool Includes(string name) =>
        (included.IsEmpty || included.Any(pattern => pattern.Matches(name))) && !excluded.Any(pattern => pattern.Matches(name));
}
