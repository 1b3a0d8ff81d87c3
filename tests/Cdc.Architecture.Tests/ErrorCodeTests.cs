using System.Globalization;
using System.Text.RegularExpressions;
using Cdc.Contracts.Errors;

namespace Cdc.Architecture.Tests;

/// <summary>Error codes are a promise to those who look them up: numbered once, explained, and really raised.</summary>
public sealed partial class ErrorCodeTests
{
    // Declared ahead of the code that raises them; a name leaves as soon as that code is there.
    private static readonly string[] Pending = ["SourceQueryFailed"];

    [Fact]
    public void Numbers_are_unique_and_in_their_range()
    {
        Sources.ExpectNone(ErrorCodes.All.GroupBy(code => code.Number).Where(group => group.Count() > 1)
            .Select(group => $"CDC-{group.Key} stands for: {string.Join("; ", group.Select(code => code.Title))}.")
            .Concat(ErrorCodes.All.Where(code => code.Number is < 1000 or > 9999 or (>= 6000 and < 9000))
                .Select(code => $"{code}: its number lies outside of the ranges.")));
    }

    [Fact]
    public void Every_code_says_what_it_is_and_what_to_do()
    {
        Sources.ExpectNone(ErrorCodes.All.Where(code => string.IsNullOrWhiteSpace(code.Title) || code.Title.EndsWith('.'))
            .Select(code => $"{code}: its title wants a few words without a full stop.")
            .Concat(ErrorCodes.All.Where(code => code.Remedy.Length < 10 || !code.Remedy.EndsWith('.'))
                .Select(code => $"{code}: its remedy wants a sentence with a full stop.")));
    }

    [Fact]
    public void Every_code_is_raised_somewhere()
    {
        var named = Sources.Product.Where(file => !file.Name.StartsWith("ErrorCodes", StringComparison.Ordinal))
            .SelectMany(file => Named().Matches(file.Code)).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var declared = Sources.Product.Where(file => file.Name.StartsWith("ErrorCodes", StringComparison.Ordinal))
            .SelectMany(file => Declared().Matches(file.Text)
                .Select(match => (Name: match.Groups["name"].Value,
                    Number: int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), file.Path))).ToList();

        Assert.Equal(ErrorCodes.All.Count, declared.Count);
        Sources.ExpectNone(declared.Where(code => !named.Contains(code.Name) && !Pending.Contains(code.Name))
            .Select(code => $"{code.Path}: nobody raises '{code.Name}' (CDC-{code.Number}); remove it or raise it.")
            .Concat(Pending.Where(name => named.Contains(name)
                || !declared.Exists(code => string.Equals(code.Name, name, StringComparison.Ordinal)))
                .Select(name => $"'{name}' is raised now, or gone: remove it from the pending ones.")));
    }

    [GeneratedRegex(@"\bErrorCodes\.(?<name>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Named();

    [GeneratedRegex(@"ErrorCode (?<name>\w+) =\s*new\((?<number>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Declared();
}
