using System.Collections.Immutable;
using System.Globalization;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>What stands in parentheses after a type's name.</summary>
internal enum Modifier
{
    None,

    /// <summary>One number, 1 or more: characters or bits.</summary>
    Length,

    /// <summary>One number, 0 to 6: digits of a second's fraction.</summary>
    Digits,

    /// <summary>Precision, and scale.</summary>
    Number,
}

/// <summary>A type of <c>pg_catalog</c>, as <c>format_type</c> spells it.</summary>
/// <param name="Oid">Fixed for built-in types; an array's binary form names its element's.</param>
internal sealed record BuiltInType(string Name, uint Oid, Modifier Modifier = Modifier.None);

/// <summary>
/// A built-in type with its modifiers, or a type of an extension. It is made from the table of built-in types and from numbers, or from the
/// server's own catalog, and in no other way. So its text can stand in SQL, whatever it was read from.
/// </summary>
internal sealed record PostgresType(BuiltInType Type, ImmutableArray<int> Modifiers, bool IsArray = false)
{
    private const int MaxLength = 10_485_760;
    private const int MaxPrecision = 1000;

    public string Name => Type.Name;

    public static PostgresType Of(string name, params ImmutableArray<int> modifiers) => new(BuiltInTypes.ByName[name], modifiers);

    /// <summary>A type of an extension, as the server's catalog says it is to be written in SQL.</summary>
    /// <param name="name">
    /// As <c>format_type</c> spells it while only the server's own types are in the path: with its schema, and quoted where need be.
    /// </param>
    /// <param name="oid">Its number there.</param>
    public static PostgresType OfExtension(string name, uint oid) => new(new BuiltInType(name, oid), []);

    /// <summary>Reads a type's text; null where it is not one of the table's with modifiers it allows.</summary>
    public static PostgresType? Parse(string text)
    {
        var isArray = text.EndsWith("[]", StringComparison.Ordinal);
        if (isArray)
            text = text[..^2];
        var modifiers = ImmutableArray<int>.Empty;
        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (open >= 0)
        {
            var close = text.IndexOf(')', open);
            if (close < 0 || !TryReadNumbers(text.AsSpan(open + 1, close - open - 1), out modifiers))
                return null;
            text = text[..open] + text[(close + 1)..];
        }

        return BuiltInTypes.ByName.TryGetValue(text, out var type) && Allows(type.Modifier, modifiers) ? new(type, modifiers, isArray)
            : null;
    }

    /// <summary>The text for SQL.</summary>
    public override string ToString()
    {
        var text = Name;
        if (!Modifiers.IsEmpty)
        {
            var space = text.IndexOf(" with", StringComparison.Ordinal);
            text = text.Insert(space < 0 ? text.Length : space, $"({string.Join(',', Modifiers)})");
        }

        return IsArray ? text + "[]" : text;
    }

    public bool Equals(PostgresType? other) =>
        other is not null && Type == other.Type && IsArray == other.IsArray && Modifiers.SequenceEqual(other.Modifiers);

    public override int GetHashCode() => HashCode.Combine(Type, IsArray, Modifiers.Length);

    private static bool TryReadNumbers(ReadOnlySpan<char> text, out ImmutableArray<int> numbers)
    {
        numbers = [];
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(text[part], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;
            numbers = numbers.Add(number);
        }

        return true;
    }

    private static bool Allows(Modifier allowed, ImmutableArray<int> modifiers) => (allowed, modifiers) switch
    {
        (_, []) => true,
        (Modifier.Length, [>= 1 and <= MaxLength]) => true,
        (Modifier.Digits, [>= 0 and <= 6]) => true,
        (Modifier.Number, [>= 1 and <= MaxPrecision, >= 0 and var scale]) => scale <= modifiers[0],
        _ => false,
    };
}
