namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>What a table is made for; a deed asks for a table by it, and leaves the table so.</summary>
internal enum Shape
{
    /// <summary>A key of one column <c>id</c>, of several types; besides <c>a int</c> and <c>note text</c>.</summary>
    Keyed,

    /// <summary>As <see cref="Keyed"/>, with a column that is generated and stored.</summary>
    Generated,

    /// <summary>The key <c>(org, id)</c>.</summary>
    Composite,

    /// <summary>No key, the whole row as identity.</summary>
    Keyless,

    /// <summary>Partitions by the column <c>day</c>, one a year, named <c>NAME_YEAR</c>.</summary>
    Partitioned,

    /// <summary>Has a child named <c>NAME_child</c> by inheritance.</summary>
    Parent,

    /// <summary>
    /// Columns of an enum (<c>mood</c>), a domain (<c>price</c>) and a composite type (<c>place</c>), named <c>NAME_mood</c> and so on.
    /// </summary>
    Typed,

    /// <summary>A long <c>body</c>, stored apart.</summary>
    Toasted,

    /// <summary>So many rows that it is read for a while.</summary>
    Big,

    /// <summary>No column at all.</summary>
    Columnless,
}

/// <summary>A table of the source, under the name it has now.</summary>
internal sealed class Victim(string schema, string name, Shape shape)
{
    public string Schema { get; set; } = schema;

    public string Name { get; set; } = name;

    public Shape Shape { get; } = shape;

    /// <summary>The name as SQL takes it.</summary>
    public string Sql => $"{Quote(Schema)}.{Quote(Name)}";

    /// <summary>Another object's name beside the table's, as SQL takes it.</summary>
    public string Beside(string suffix) => $"{Quote(Schema)}.{Quote(Name + suffix)}";

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public override string ToString() => $"{Schema}.{Name}";
}
