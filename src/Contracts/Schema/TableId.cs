namespace Cdc.Contracts.Schema;

/// <summary>
/// A table of a source: its schema (where a database has none: the database) and its name, exactly as the source spells them.
/// </summary>
public readonly record struct TableId(string Schema, string Name)
{
    /// <summary>For people and patterns: <c>schema.name</c>, unquoted. Dots inside the names can make it the text of two tables.</summary>
    public override string ToString() => $"{Schema}.{Name}";

    /// <summary>For keys: a text that no other table has; where no name holds a dot, the one people see.</summary>
    public string ToKey() =>
        Schema.Contains('.', StringComparison.Ordinal) || Name.Contains('.', StringComparison.Ordinal)
            ? FormattableString.Invariant($"{Schema.Length}:{Schema}.{Name}") : ToString();
}
