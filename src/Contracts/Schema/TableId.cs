namespace Cdc.Contracts.Schema;

/// <summary>A table of a source: its schema (where a database has none: the database) and its name, exactly as the source spells them.</summary>
public readonly record struct TableId(string Schema, string Name)
{
    /// <summary>For people and patterns: <c>schema.name</c>, unquoted.</summary>
    public override string ToString() => $"{Schema}.{Name}";
}
