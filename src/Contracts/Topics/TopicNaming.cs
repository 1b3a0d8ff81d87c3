using System.Security.Cryptography;
using System.Text;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Topics;

/// <summary>The names that follow from a table: its topic and that topic's subjects.</summary>
public static class TopicNaming
{
    /// <summary>Kafka's bound on a topic's name, in characters.</summary>
    public const int MaxLength = 249;

    /// <summary>How the names of topics and prefixes begin that are the platform's own; no source's begins so.</summary>
    public const string Reserved = "_cdc";

    private const string InternalPrefix = Reserved + ".";
    private const string KeySuffix = "-key";
    private const int HashBytes = 16;
    private const int LeastDigits = 4;

    /// <summary>Whether a topic is the platform's own: no sink subscribes to it, whatever its patterns say.</summary>
    public static bool IsInternal(string topic) => topic.StartsWith(InternalPrefix, StringComparison.Ordinal);

    /// <summary>The prefix under which requests for re-reads wait for the capture of a prefix.</summary>
    public static string RequestsOf(string prefix) => InternalPrefix + "requests." + prefix;

    /// <summary>
    /// <c>prefix.schema.table</c>. A name that would be too long is cut, and <c>_</c> and a hash of the whole name end it: 128 bits of
    /// SHA-256 in small hexadecimal digits.
    /// </summary>
    public static string TopicOf(string prefix, TableId table, TopicSpelling spelling = TopicSpelling.Escaped) => Shortened(spelling switch
    {
        TopicSpelling.Escaped => $"{prefix}.{Escape(table.Schema)}.{Escape(table.Name)}",
        TopicSpelling.Underscores => string.Concat($"{prefix}.{table.Schema}.{table.Name}".Select(c => IsPlain(c) || c == '.' ? c : '_')),
        _ => throw new ArgumentOutOfRangeException(nameof(spelling), spelling, "Not a spelling of topics."),
    });

    /// <summary>
    /// A pattern over topics' names in which a table may be written as its source spells it: what a topic cannot hold is escaped, dots and
    /// <c>*</c> keep their meaning.
    /// </summary>
    public static string EscapePattern(string pattern)
    {
        var start = pattern.StartsWith('!') ? 1 : 0;
        return pattern[..start] + string.Concat(pattern[start..].EnumerateRunes()
            .Select(rune => rune.Value is '.' or '*' || IsPlain(rune) ? rune.ToString() : Escaped(rune.Value)));
    }

    public static string KeySubject(string topic) => topic + KeySuffix;

    /// <summary>Whether a subject is one of keys.</summary>
    public static bool IsKeySubject(string subject) => subject.EndsWith(KeySuffix, StringComparison.Ordinal);

    public static string ValueSubject(string topic) => topic + "-value";

    /// <summary>
    /// A part of a topic's name that only this name has: what a topic cannot hold, and dots, are <c>_uXXXX_</c>, the code point in four to
    /// six capital hexadecimal digits. So is a <c>_</c> behind which the name itself continues like that; nothing else in the result reads
    /// so.
    /// </summary>
    private static string Escape(string name)
    {
        if (name.All(IsPlain) && !name.Contains("_u", StringComparison.Ordinal))
            return name;
        var escaped = new StringBuilder();
        for (var at = 0; at < name.Length; at++)
        {
            if (IsPlain(name[at]) && !LooksEscaped(name.AsSpan(at)))
                escaped.Append(name[at]);
            else if (Rune.TryGetRuneAt(name, at, out var rune))
                (_, at) = (escaped.Append(Escaped(rune.Value)), at + rune.Utf16SequenceLength - 1);
            else
                escaped.Append(Escaped(name[at])); // Half of a pair: no database has it, and it is told apart all the same.
        }

        return escaped.ToString();
    }

    private static string Escaped(int codePoint) => FormattableString.Invariant($"_u{codePoint:X4}_");

    private static bool LooksEscaped(ReadOnlySpan<char> name) =>
        name.StartsWith("_u") && name.Length >= 2 + LeastDigits && name.Slice(2, LeastDigits).ToString().All(char.IsAsciiHexDigitUpper);

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    private static bool IsPlain(Rune rune) => rune.IsAscii && IsPlain((char)rune.Value);

    private static string Shortened(string topic)
    {
        if (topic.Length <= MaxLength)
            return topic;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(topic)).AsSpan(0, HashBytes));
        return $"{topic.AsSpan(0, MaxLength - hash.Length - 1)}_{hash}";
    }
}
