using System.Globalization;

namespace Cdc.Contracts.Security;

/// <summary>
/// What SASLprep and NFKC know of characters, from <c>UnicodeTables.txt</c>, which <c>build/unicode-tables.py</c> writes. Read once, when
/// the first password comes that is not ASCII.
/// </summary>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Read = new(() => new UnicodeTables());

    private readonly Dictionary<string, CodePoints> sets = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> classes = [];
    private readonly Dictionary<int, int[]> parts = [];
    private readonly Dictionary<(int First, int Second), int> wholes = [];

    private UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("Cdc.Contracts.UnicodeTables.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0] != "#")
                Take(words[0], words.AsSpan(1));
        }
    }

    public static UnicodeTables Instance => Read.Value;

    /// <summary>Spaces that are not ASCII's (RFC 3454, table C.1.2).</summary>
    public CodePoints Spaces => sets["space"];

    /// <summary>What is mapped to nothing (table B.1).</summary>
    public CodePoints Nothing => sets["nothing"];

    /// <summary>What may not be there (tables C.1.2 to C.9).</summary>
    public CodePoints Prohibited => sets["prohibited"];

    /// <summary>What Unicode 3.2 did not have (table A.1).</summary>
    public CodePoints Unassigned => sets["unassigned"];

    /// <summary>Letters written from right to left (table D.1).</summary>
    public CodePoints RightToLeft => sets["rtl"];

    /// <summary>Letters written from left to right (table D.2).</summary>
    public CodePoints LeftToRight => sets["ltr"];

    /// <summary>What a character is taken apart into, to the end, compatible forms too.</summary>
    public IReadOnlyDictionary<int, int[]> Parts => parts;

    /// <summary>What two characters are put together to.</summary>
    public IReadOnlyDictionary<(int First, int Second), int> Wholes => wholes;

    /// <summary>The place of a mark among those behind one letter; 0 for what is no mark.</summary>
    public int ClassOf(int letter) => classes.GetValueOrDefault(letter);

    private static int Number(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static (int First, int Last) RangeOf(ReadOnlySpan<char> text) => text.IndexOf('-') is >= 0 and var dash
        ? (Number(text[..dash]), Number(text[(dash + 1)..]))
        : (Number(text), Number(text));

    private void Take(string kind, ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            var (left, right) = word.IndexOf('>', StringComparison.Ordinal) is >= 0 and var at ? (word[..at], word[(at + 1)..])
                : (word, "");
            switch (kind)
            {
                case "class":
                    for (var (letter, last) = RangeOf(left); letter <= last; letter++)
                        classes.Add(letter, Number(right));
                    break;
                case "parts":
                    // A range goes to a range of the same length.
                    var (from, to) = RangeOf(left);
                    var first = Array.ConvertAll(right.Split('+'), part => Number(part));
                    for (var letter = from; letter <= to; letter++)
                        parts.Add(letter, letter == from ? first : [first[0] + letter - from]);
                    break;
                case "whole":
                    var plus = left.IndexOf('+', StringComparison.Ordinal);
                    wholes.Add((Number(left.AsSpan(0, plus)), Number(left.AsSpan(plus + 1))), Number(right));
                    break;
                default:
                    if (!sets.TryGetValue(kind, out var set))
                        sets.Add(kind, set = new CodePoints());
                    set.Add(RangeOf(word));
                    break;
            }
        }
    }
}
