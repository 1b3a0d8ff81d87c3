using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>Reads Markdown as a person does: paragraphs, items, cells and headings, each in sentences.</summary>
internal static partial class Prose
{
    /// <summary>Every sentence with its line; fenced code is passed over, code within a line counts as one word.</summary>
    public static IEnumerable<(int Line, string Text)> Sentences(string markdown) =>
        Blocks(markdown).SelectMany(block => Split(block.Text).Select(sentence => (block.Line, sentence)));

    /// <summary>The sentences of a text without markup.</summary>
    public static IEnumerable<string> Split(string text) =>
        SentenceEnd().Split(text).Select(sentence => sentence.Trim()).Where(sentence => sentence.Length > 0);

    public static int Words(string sentence) => Space().Split(sentence).Count(word => word.Any(char.IsLetterOrDigit));

    /// <summary>Relative links with their line: path (empty: this page) and heading (empty: none).</summary>
    public static IEnumerable<(int Line, string Path, string Heading)> Links(string markdown) =>
        Lines(markdown).SelectMany(line => Link().Matches(line.Text).Select(link => link.Groups["address"].Value)
            .Where(address => !address.Contains("://", StringComparison.Ordinal))
            .Select(address => (line.Number, address.Split('#')[0], string.Join('#', address.Split('#').Skip(1)))));

    /// <summary>The names by which links find a page's headings.</summary>
    public static IEnumerable<string> Anchors(string markdown) =>
        Lines(markdown).Where(line => line.Text.StartsWith('#'))
            .Select(line => NotInAnchor().Replace(line.Text.TrimStart('#').Trim().ToUpperInvariant(), "").Replace(' ', '-'));

    private static IEnumerable<(int Line, string Text)> Blocks(string markdown)
    {
        var (start, text) = (0, "");
        var isHeading = false;
        foreach (var (number, line) in Lines(markdown))
        {
            var isRow = line.StartsWith('|');
            if (isRow || isHeading || line.Length == 0 || BlockStart().IsMatch(line))
            {
                if (text.Length > 0)
                    yield return (start, text);
                text = "";
            }

            isHeading = line.StartsWith('#');

            foreach (var cell in isRow ? Cell().Split(line) : [])
                yield return (number, Plain(cell));
            if (isRow)
                continue;
            start = text.Length == 0 ? number : start;
            text = $"{text} {Plain(line)}".Trim();
        }

        if (text.Length > 0)
            yield return (start, text);
    }

    private static IEnumerable<(int Number, string Text)> Lines(string markdown)
    {
        var isCode = false;
        foreach (var (number, line) in markdown.Split('\n').Index())
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            isCode ^= isFence;
            if (!isCode || isFence)
                yield return (number + 1, isFence ? "" : line.Trim());
        }
    }

    private static string Plain(string line) => Emphasis().Replace(Link().Replace(Code().Replace(line, "'code'"), "${text}"), "");

    [GeneratedRegex(@"(?<=[.!?][""')\]]?)\s+(?=[""'(\[]?[\p{Lu}\p{N}'])")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\*\*|^([-*]|\d+\.)\s+|^#+\s+")]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"!?\[(?<text>[^\]]*)\]\((?<address>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex(@"^([-*]\s|\d+\.\s|#)")]
    private static partial Regex BlockStart();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cell();

    [GeneratedRegex(@"[^\p{L}\p{N}\s_-]")]
    private static partial Regex NotInAnchor();
}
