using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>Ceilings of size: what is above one is two things that want to be apart.</summary>
public sealed partial class SizeTests
{
    private const int FileLines = 400;
    private const int TestFileLines = 600;
    private const int Columns = 140;
    private const int MethodLines = 60;
    private const int ConstructorParameters = 7;

    // Tables of codes, written as one switch: path and method.
    private static readonly string[] DecoderTables = [];

    // Records that are the fields of a wire or file layout, in its order: path and type.
    private static readonly string[] Layouts = ["src/Transport/Embedded/GroupHeader.cs GroupHeader"];

    [Fact]
    public void No_source_file_is_longer_than_400_lines() => Sources.ExpectNone(TooLong(Sources.Product, FileLines));

    [Fact]
    public void No_test_file_is_longer_than_600_lines() => Sources.ExpectNone(TooLong(Sources.Tests, TestFileLines));

    [Fact]
    public void No_method_is_longer_than_60_lines()
    {
        var all = Sources.All.SelectMany(file => CodeMember.Of(file).Where(member => member.IsMethod).Select(member => (file, member)))
            .ToList();
        Assert.NotEmpty(all);
        var tooLong = all.Where(pair => pair.member.Lines > MethodLines)
            .Select(pair => (pair.file, pair.member, table: $"{pair.file.Path} {pair.member.Name}")).ToList();
        Sources.ExpectNone(tooLong.Where(pair => !DecoderTables.Contains(pair.table))
            .Select(pair =>
                $"{pair.file.At(pair.member.FirstLine)}: '{pair.member.Name}' has {pair.member.Lines} lines, {MethodLines} is the most.")
            .Concat(DecoderTables.Except(tooLong.Select(pair => pair.table), StringComparer.Ordinal)
                .Select(table => $"'{table}' is exempt but is not too long; remove it from the list.")));
    }

    [Fact]
    public void No_constructor_has_more_than_7_parameters()
    {
        Sources.ExpectNone(Sources.Product.SelectMany(file => Constructor().Matches(file.Code)
            .Where(match => file.DeclaredTypes.Contains(match.Groups["name"].Value)
                && !Layouts.Contains($"{file.Path} {match.Groups["name"].Value}"))
            .Select(match => (match, count: CountParameters(file.Code, match.Index + match.Length)))
            .Where(pair => pair.count > ConstructorParameters)
            .Select(pair => $"{file.At(file.LineAt(pair.match.Index))}: '{pair.match.Groups["name"].Value}' takes " +
                $"{pair.count} parameters, {ConstructorParameters} is the most.")));
    }

    // Tests may hold documents of any width, as raw text.
    [Fact]
    public void No_line_is_longer_than_140_columns() =>
        Sources.ExpectNone(Sources.Product.SelectMany(file => TooWide(file, (_, _) => false))
            .Concat(Sources.Tests.SelectMany(file => TooWide(file, IsRawText))));

    [Theory]
    [InlineData("class A { void M(int a) { if (a) { } } int f = 1; }", "M:1")]
    [InlineData("class A\n{\n    int M() =>\n        1 switch\n        {\n            _ => 2,\n        };\n    void N()\n    {\n        " +
        "F(x => { });\n    }\n}", "M:5 N:4")]
    [InlineData("namespace X;\nrecord R(int A);\nclass B\n{\n    // void Not() {\n    string s = \"}\";\n    [Fact]\n    void M(\n       " +
        " int a)\n    {\n    }\n}", "R:1 M:5")]
    [InlineData("class B\n{\n    int P { get; } = F(1);\n    B(int x) : base(x)\n    {\n    }\n}", "B:3")]
    public void Members_are_measured_from_declaration_to_end(string text, string expected)
    {
        var members = CodeMember.Of(new SourceFile("src/A/A.cs", text)).Where(member => member.IsMethod);
        Assert.Equal(expected, string.Join(' ', members.Select(member => $"{member.Name}:{member.Lines}")));
    }

    private static IEnumerable<string> TooLong(IEnumerable<SourceFile> files, int most) =>
        files.Where(file => file.Lines.Length > most).Select(file => $"{file.Path}: {file.Lines.Length} lines, {most} is the most.");

    private static IEnumerable<string> TooWide(SourceFile file, Func<string, string, bool> isExempt) =>
        file.Lines.Zip(file.Code.Split('\n')).Select((line, number) => (Text: line.First, Code: line.Second, Number: number + 1))
            .Where(line => line.Text.Length > Columns && !isExempt(line.Text, line.Code))
            .Select(line => $"{file.At(line.Number)}: {line.Text.Length} columns, {Columns} is the most.");

    private static bool IsRawText(string text, string code) =>
        text.Contains("\"\"\"", StringComparison.Ordinal)
        || (string.IsNullOrWhiteSpace(code) && !text.TrimStart().StartsWith("//", StringComparison.Ordinal));

    private static int CountParameters(string code, int at)
    {
        var depth = 0;
        var count = code.AsSpan(at).TrimStart().StartsWith(")", StringComparison.Ordinal) ? 0 : 1;
        for (; depth >= 0; at++)
        {
            depth += code[at] switch { '(' or '[' or '<' or '{' => 1, ')' or ']' or '>' or '}' => -1, _ => 0 };
            if (code[at] == ',' && depth == 0)
                count++;
        }

        return count;
    }

    // A primary constructor, or one whose declaration begins with its accessibility.
    [GeneratedRegex(@"((\b(class|struct|record)\s+)|(^\s+(public|internal|private|protected)\s+))(?<name>[A-Z]\w*)(<[\w, ]+>)?\(",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Constructor();
}
