using System.Collections.Immutable;

namespace Cdc.Sink.SchemaEvolution;

/// <summary>A table of a target.</summary>
public readonly record struct TargetName(string Schema, string Name)
{
    public override string ToString() => $"{Schema}.{Name}";
}

/// <summary>A table as the target has it.</summary>
/// <param name="Columns">
/// Column names in order, with the target's own type texts; the platform's own (<see cref="MetadataColumns"/>) included.
/// </param>
public sealed record TargetTable(TargetName Name, ImmutableArray<TargetColumn> Columns);

public readonly record struct TargetColumn(string Name, string Type);
