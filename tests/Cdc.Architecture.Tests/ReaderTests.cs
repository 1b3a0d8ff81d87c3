namespace Cdc.Architecture.Tests;

/// <summary>The checks are only as good as their reading of C#.</summary>
public sealed class ReaderTests
{
    [Theory]
    [InlineData("a // b \"c\nd", "a        \nd")]
    [InlineData("a /* \n */ b", "a    \n    b")]
    [InlineData("f(\"x // y\", 'z', '\\'')", "f(\"      \", \" \", \"  \")")]
    [InlineData("@\"a\"\"b\\\" + c", "\"      \" + c")]
    [InlineData("$\"a {b} c\\\"\" + d", "\"          \" + d")]
    [InlineData("x = \"\"\"\n a \"b\" {\n \"\"\"; y", "x = \"  \n        \n   \"; y")]
    [InlineData("@class = \"\"", "@class = \"\"")]
    public void Comments_and_literals_are_blanked_in_place(string text, string expected) =>
        Assert.Equal(expected, CodeText.WithoutCommentsAndLiterals(text));

    [Fact]
    public void Uses_are_found_written_or_not()
    {
        SourceFile[] files =
        [
            new("src/A/Root.cs", "namespace Cdc.A;\npublic class Root;"),
            new("src/A/RootOptions.cs", "namespace Cdc.A;\npublic record RootOptions;"),
            new("src/A/B/Inner.cs", "using Cdc.C;\n\nnamespace Cdc.A.B;\n\n// Root\nclass Inner(RootOptions options) { Root? r; }"),
            new("src/C/Other.cs", "using static Cdc.A.Root;\nnamespace Cdc.C;\nclass Other;"),
        ];

        var uses = NamespaceUse.Find(files).Select(use => $"{use.File.At(use.Line)} {use.From} -> {use.To}");

        Assert.Equal(["src/A/B/Inner.cs:1 Cdc.A.B -> Cdc.C", "src/A/B/Inner.cs:6 Cdc.A.B -> Cdc.A", "src/C/Other.cs:1 Cdc.C -> Cdc.A"],
            uses);
    }
}
