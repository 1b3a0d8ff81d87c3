using System.Net;
using System.Text;
using Cdc.Contracts.Topics;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Hosting;

/// <summary>
/// What a text of the options must be, for checking and for saying so: the same for a configuration file and for a program.
/// </summary>
public sealed record TextRule(string Expected, Func<string, bool> Holds)
{
    private const int MaxIdentifier = 63;

    /// <summary>Not empty, no control characters: holds for every text that is not a secret.</summary>
    public static TextRule Any { get; } = new("a text without control characters", text => text.Length > 0 && !text.Any(char.IsControl));

    /// <summary>Names of installations, sources and sinks: they become parts of topics, metrics and file names.</summary>
    public static TextRule Name { get; } = new(
        "a name of at most 63 small letters, digits, '_' and '-' that does not begin with '-'",
        text => text.Length is > 0 and <= MaxIdentifier && text[0] != '-' && text.All(c => IsSlotCharacter(c) || c == '-'));

    /// <summary>PostgreSQL's rule for slot names.</summary>
    public static TextRule Slot { get; } = new(
        "at most 63 small letters, digits and '_'", text => text.Length is > 0 and <= MaxIdentifier && text.All(IsSlotCharacter));

    /// <summary>PostgreSQL's rule for identifiers: longer ones it would cut.</summary>
    public static TextRule Identifier { get; } = new(
        "a name of at most 63 bytes without control characters", text => Any.Holds(text)
        && Encoding.UTF8.GetByteCount(text) <= MaxIdentifier);

    /// <summary>The first part of topics' names, within Kafka's characters, short enough to leave room for schema and table.</summary>
    public static TextRule Prefix { get; } = new(
        "at most 100 letters, digits, '.', '_' and '-', the first a letter, digit or '_'; those that begin with '_cdc' are the " +
        "platform's own",
        text => text.Length is > 0 and <= 100 && text[0] is not ('.' or '-')
            && !text.StartsWith(TopicNaming.Reserved, StringComparison.OrdinalIgnoreCase)
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));

    /// <summary>A pattern over topics' names.</summary>
    public static TextRule TopicPattern { get; } = new(
        "a topic's name, '*' for any characters, '!' before it to exclude", text => Any.Holds(text) && text.TrimStart('!').Length > 0
        && !Spaced(text));

    /// <summary>A pattern over <c>schema.table</c>; one without a dot and without <c>*</c> could never match.</summary>
    public static TextRule TablePattern { get; } = new(
        "schema.table, '*' for any characters, '!' before it to exclude",
        text => Any.Holds(text) && !Spaced(text) && text.TrimStart('!').AsSpan().IndexOfAny('.', '*') >= 0);

    /// <summary>A name with placeholders.</summary>
    public static TextRule Template { get; } = new(
        "a name with any of {schema}, {table}, {source}, {database}", text => Any.Holds(text) && HasKnownPlaceholders(text));

    /// <summary>What the names of the platform's own columns begin with.</summary>
    public static TextRule MetadataPrefix { get; } = new(
        FormattableString.Invariant($"at most {MetadataColumns.LongestPrefix} small letters, digits and '_', the first no digit"),
        MetadataColumns.IsPrefix);

    /// <summary>An address to listen on.</summary>
    public static TextRule Address { get; } = new("an IP address, such as 127.0.0.1, 0.0.0.0 or '::'",
        text => IPAddress.TryParse(text, out _));

    private static bool IsSlotCharacter(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_';

    private static bool Spaced(string text) => text != text.Trim();

    private static bool HasKnownPlaceholders(string text)
    {
        foreach (var placeholder in (string[])["{schema}", "{table}", "{source}", "{database}"])
            text = text.Replace(placeholder, "", StringComparison.Ordinal);
        return text.AsSpan().IndexOfAny('{', '}') < 0;
    }
}
