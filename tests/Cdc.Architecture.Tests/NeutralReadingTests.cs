using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>The rule by which tables are read beside the stream is one for all databases; ideas of one have names in its folder.</summary>
public sealed partial class NeutralReadingTests
{
    private const string Folder = "src/Capture/Reading";

    /// <summary>Ideas of one database. Texts are not asked: the checkpoint's formats have names of their own.</summary>
    private static readonly string[] Foreign =
    [
        "binlog", "ctid", "filenode", "gtid", "lsn", "oid", "oids", "page", "pages", "postgres", "publication", "publications",
        "relfilenode", "slot", "wal", "xid", "xids", "xip", "xmax", "xmin",
    ];

    [Fact]
    public void No_identifier_of_the_reading_names_an_idea_of_one_database()
    {
        var files = Sources.Product.Where(file => file.Folder == Folder).ToList();
        Assert.NotEmpty(files);
        Sources.ExpectNone(files.SelectMany(file => Identifier().Matches(file.Code)
            .Where(match => Array.Exists(Foreign, word => Names(match.Value, word)))
            .Select(match => $"{file.At(file.LineAt(match.Index))}: '{match.Value}' is one database's idea; it belongs in its folder.")));
    }

    [Theory]
    [InlineData("EndLsn", "lsn", true)]
    [InlineData("oid", "oid", true)]
    [InlineData("FirstOIDs", "oids", true)]
    [InlineData("FileNode", "filenode", true)]
    [InlineData("void", "oid", false)]
    [InlineData("Avoided", "oid", false)]
    public void Identifier_names_a_word_only_as_a_whole(string identifier, string word, bool expected) =>
        Assert.Equal(expected, Names(identifier, word));

    /// <summary>Whether some words of an identifier, put together, are that word.</summary>
    private static bool Names(string identifier, string word)
    {
        string[] words = [.. Word().Matches(identifier).Select(match => match.Value)];
        return Enumerable.Range(0, words.Length).Any(first => Enumerable.Range(first, words.Length - first)
            .Any(last => string.Equals(string.Concat(words[first..(last + 1)]), word, StringComparison.OrdinalIgnoreCase)));
    }

    [GeneratedRegex(@"\b[A-Za-z_]\w*\b")]
    private static partial Regex Identifier();

    [GeneratedRegex("[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|[0-9]+")]
    private static partial Regex Word();
}
