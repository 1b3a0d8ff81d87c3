using System.Collections.Immutable;

namespace Cdc.Contracts.Avro;

/// <summary>Turns names of a source into names that Avro allows: letters, digits and <c>_</c>, no digit first.</summary>
public static class AvroNames
{
    /// <summary>
    /// The field names of columns, in their order: characters outside <c>[A-Za-z0-9_]</c> become <c>_</c>, a leading digit gets one in
    /// front, and a name that an earlier column has gets <c>_2</c>, <c>_3</c>… So a column added at the end changes no other's name.
    /// </summary>
    public static ImmutableArray<string> FieldNames(IReadOnlyList<string> columns)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var names = ImmutableArray.CreateBuilder<string>(columns.Count);
        foreach (var column in columns)
        {
            var adjusted = Adjust(column);
            var name = adjusted;
            for (var number = 2; !taken.Add(name); number++)
                name = FormattableString.Invariant($"{adjusted}_{number}");
            names.Add(name);
        }

        return names.MoveToImmutable();
    }

    /// <summary>The namespace of a topic's records: each part between dots adjusted.</summary>
    public static string Namespace(string topic) => string.Join('.', topic.Split('.').Select(Adjust));

    private static string Adjust(string name)
    {
        var first = name.Length == 0 || char.IsAsciiDigit(name[0]) ? "_" : "";
        return first + string.Create(name.Length, name, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(text[i]) ? text[i] : '_';
        });
    }
}
