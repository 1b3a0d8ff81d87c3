using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>Where a type is found and what it may be called.</summary>
public sealed partial class NamingTests
{
    // Words that say nothing about what a type is for.
    private static readonly string[] Avoided =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Handler", "Processor", "Data", "Info", "Context", "Base", "Impl"];

    // What C# or a library calls its own types that ours extend by name.
    private static readonly string[] GivenNames = [];

    [Fact]
    public void File_is_named_after_a_type_in_it()
    {
        Sources.ExpectNone(Sources.Product.Where(file => file.Namespace.Length > 0)
            .Where(file => !file.DeclaredTypes.Contains(file.Name.Split('.')[0]) && !IsFamily(file))
            .Select(file =>
                $"{file.Path}: declares {string.Join(", ", file.DeclaredTypes.DefaultIfEmpty("no type"))}, none has the file's name."));
    }

    [Fact]
    public void Type_names_avoid_words_that_say_nothing()
    {
        Sources.ExpectNone(Sources.All.SelectMany(file => file.DeclaredTypes
            .Where(type => !GivenNames.Contains(type) && Word().Matches(type).Any(word => Avoided.Contains(word.Value)))
            .Select(type => $"{file.Path}: '{type}' holds a word to avoid ({string.Join(", ", Avoided)}); name what it is.")));
    }

    [Fact]
    public void Type_names_end_in_no_number_that_counts()
    {
        Sources.ExpectNone(Sources.Product.SelectMany(file => file.DeclaredTypes
            .Where(type => Counted().IsMatch(type))
            .Select(type => $"{file.Path}: '{type}' is a numbered name; say what differs.")));
    }

    // A closed family shares one file with a name in the plural.
    private static bool IsFamily(SourceFile file) => file.Name.EndsWith('s') && file.DeclaredTypes.Skip(1).Any();

    [GeneratedRegex("[A-Z][a-z]*|[0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex("[a-z][12]$")]
    private static partial Regex Counted();
}
