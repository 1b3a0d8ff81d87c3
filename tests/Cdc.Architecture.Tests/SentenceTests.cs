using System.Text.RegularExpressions;
using Cdc.Contracts.Errors;

namespace Cdc.Architecture.Tests;

/// <summary>
/// Texts for people are read in a hurry, by many in a second language: short sentences, usual words, links that lead somewhere.
/// </summary>
public sealed partial class SentenceTests
{
    private const int LongestInWords = 40;

    private static readonly string[] Pages =
    [
        "README.md", "CONTRIBUTING.md",
        .. new[] { "docs", "src", "examples", "deploy" }.SelectMany(folder => Sources.Files(folder, "*.md")),
    ];

    [Fact]
    public void Pages_have_no_long_sentence() =>
        Sources.ExpectNone(Pages.SelectMany(page =>
            Prose.Sentences(Read(page)).SelectMany(found => TooLong($"{page}:{found.Line}", found.Text))));

    [Fact]
    public void Errors_have_no_long_sentence() =>
        Sources.ExpectNone(ErrorCodes.All.SelectMany(code =>
            Prose.Split(code.Title).Concat(Prose.Split(code.Remedy)).SelectMany(sentence => TooLong(code.ToString(), sentence))));

    [Fact]
    public void Pages_and_errors_use_usual_words()
    {
        var pages = Pages.SelectMany(page =>
            Prose.Sentences(Read(page)).Select(found => (Place: $"{page}:{found.Line}", found.Text)));
        var errors = ErrorCodes.All.Select(code => (Place: code.ToString(), Text: $"{code.Title}. {code.Remedy}"));
        Sources.ExpectNone(pages.Concat(errors).SelectMany(found =>
            Unusual().Matches(found.Text).Select(word => $"{found.Place}: '{word.Value}' in: {found.Text}")));
    }

    [Fact]
    public void Texts_in_code_use_usual_words()
    {
        Sources.ExpectNone(Sources.Product.SelectMany(file => file.Text.Split('\n').Index()
            .Where(line => !line.Item.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => Literal().Matches(line.Item).Where(text => Unusual().IsMatch(text.Value))
                .Select(text => $"{file.At(line.Index + 1)}: {text.Value}"))));
    }

    [Fact]
    public void Comments_and_names_use_usual_words() =>
        Sources.ExpectNone(Sources.All.SelectMany(file => UnusualComments(file).Concat(UnusualNames(file))));

    [Fact]
    public void Links_lead_to_a_page_and_a_heading()
    {
        Sources.ExpectNone(Pages.SelectMany(page => Prose.Links(Read(page)).Where(link => !Leads(page, link.Path, link.Heading))
            .Select(link => $"{page}:{link.Line}: nothing is at '{link.Path}#{link.Heading}'.")));
    }

    [Fact]
    public void Sentences_are_found_as_a_reader_would()
    {
        const string Page = """
            # A heading
            One two
            three. Four `a. B c` five.

            ```
            Not. Read.
            ```
            * An **item**. With (two) sentences.
            * [Another](page.md#here) item
            | a cell. | Two. Sentences |
            """;

        Assert.Equal(
            [
                "A heading", "One two three.", "Four 'code' five.", "An item.", "With (two) sentences.", "Another item", "a cell.", "Two.",
                "Sentences",
            ],
            Prose.Sentences(Page).Select(found => found.Text));
        Assert.Equal(3, Prose.Words("Four 'code' – five."));
        Assert.Equal([(9, "page.md", "here")], Prose.Links(Page));
        Assert.Equal(["A-HEADING"], Prose.Anchors(Page));
    }

    private static IEnumerable<string> TooLong(string place, string sentence) =>
        Prose.Words(sentence) > LongestInWords ? [$"{place}: {Prose.Words(sentence)} words: {sentence}"] : [];

    // A phrase may begin in one line and end in the next.
    private static IEnumerable<string> UnusualComments(SourceFile file)
    {
        var comments = file.Lines.Select(line => Quoted().Replace(Comment().Match(line).Groups["text"].Value, "")).ToList();
        foreach (var (index, comment) in comments.Index())
        {
            var next = index + 1 < comments.Count ? comments[index + 1] : "";
            foreach (var word in Unusual().Matches($"{comment} {next}").Where(word => word.Index < comment.Length))
                yield return $"{file.At(index + 1)}: '{word.Value}' in: {comment}";
        }
    }

    private static IEnumerable<string> UnusualNames(SourceFile file) => file.Code.Split('\n').Index().SelectMany(line =>
        Name().Matches(line.Item).Where(name => Unusual().IsMatch(WordStart().Replace(name.Value, " ")))
            .Select(name => $"{file.At(line.Index + 1)}: {name.Value}"));

    private static bool Leads(string page, string path, string heading)
    {
        var target = path.Length == 0 ? Sources.PathOf(page) : Path.Combine(Path.GetDirectoryName(Sources.PathOf(page))!, path);
        return heading.Length == 0
            ? Path.Exists(target)
            : File.Exists(target) && Prose.Anchors(File.ReadAllText(target)).Contains(heading, StringComparer.OrdinalIgnoreCase);
    }

    private static string Read(string page) => File.ReadAllText(Sources.PathOf(page));

    // "goes on" is resumes or continues, "stands still" is stopped, "the begin" is the start, "anew" is again.
    [GeneratedRegex(
        @"\b(go(es)? on|went on|stands? still|stood still|the begin|let go of|anew|papered over)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Unusual();

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(^|\s)///?\s(?<text>.*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Comment();

    [GeneratedRegex(@"""[^""]*""")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Name();

    [GeneratedRegex(@"_|(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
