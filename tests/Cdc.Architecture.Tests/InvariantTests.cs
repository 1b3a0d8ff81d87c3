using System.Globalization;
using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>Each numbered invariant is cited where it is upheld and where it is proven.</summary>
public sealed partial class InvariantTests
{
    private const int Count = 8;

    [Fact]
    public void Source_cites_every_invariant() => CitesAll(Sources.Product, "source file");

    [Fact]
    public void Tests_cite_every_invariant() => CitesAll(Sources.Tests, "test");

    [Fact]
    public void No_other_number_is_cited()
    {
        Sources.ExpectNone(Sources.All.SelectMany(file => Cited(file).Where(number => number is < 1 or > Count)
            .Select(number => $"{file.Path}: cites Invariant {number}; there are 1 to {Count}.")));
    }

    private static void CitesAll(IEnumerable<SourceFile> files, string where)
    {
        var cited = files.SelectMany(Cited).ToHashSet();
        Sources.ExpectNone(Enumerable.Range(1, Count).Where(number => !cited.Contains(number))
            .Select(number => $"No {where} cites '// Invariant {number}'."));
    }

    // Only comments count: "Invariant 3", "Invariants 1 and 3", "Invariants 1, 2".
    private static IEnumerable<int> Cited(SourceFile file) =>
        Citation().Matches(file.Text).SelectMany(match => match.Groups["number"].Captures)
            .Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"//[^\n]*?\bInvariants? (?<number>\d+)((,| and| or) (?<number>\d+))*", RegexOptions.ExplicitCapture)]
    private static partial Regex Citation();
}
