using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>Every setting says what it means, what it is without being set, and what it may be.</summary>
public sealed partial class OptionsTests
{
    [Fact]
    public void Every_option_says_what_it_is_by_default()
    {
        var settings = Settings().ToList();
        Assert.NotEmpty(settings);
        Sources.ExpectNone(settings.Where(setting => !setting.IsGroup && !SaysDefault().IsMatch(setting.Documentation))
            .Select(setting => $"{setting.Place}: the documentation of '{setting.Name}' does not say 'Default: …', or 'Required.'."));
    }

    [Fact]
    public void Every_numeric_option_says_what_is_allowed()
    {
        Sources.ExpectNone(Settings().Where(setting => Numeric().IsMatch(setting.Type) && !SaysRange().IsMatch(setting.Documentation))
            .Select(setting => $"{setting.Place}: the documentation of '{setting.Name}' ({setting.Type}) does not say 'Allowed: …'."));
    }

    private static IEnumerable<Setting> Settings() =>
        Sources.Product.Where(file => file.Name.EndsWith("Options", StringComparison.Ordinal))
            .SelectMany(file => Property().Matches(file.Text).Select(match => new Setting(
            file.At(file.LineAt(match.Groups["name"].Index)), match.Groups["type"].Value, match.Groups["name"].Value,
            Slashes().Replace(match.Groups["documentation"].Value, " "))));

    private sealed record Setting(string Place, string Type, string Name, string Documentation)
    {
        // Its members say it.
        public bool IsGroup => Type.TrimEnd('?').EndsWith("Options", StringComparison.Ordinal) && !Type.EndsWith('?')
            && Documentation.Contains("<summary>", StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"(?<documentation>(^[ ]*///[^\n]*\n)*)(^[ ]*\[[^\n]*\n)*" +
        @"^[ ]*public (required )?(?<type>[\w<>,?\[\]. ]+?) (?<name>[A-Z]\w*)\s*\{ get; init; \}",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Property();

    [GeneratedRegex(@"\s*///\s*")]
    private static partial Regex Slashes();

    [GeneratedRegex(@"Default: |Required\.")]
    private static partial Regex SaysDefault();

    [GeneratedRegex(@"Allowed: |no limit")]
    private static partial Regex SaysRange();

    [GeneratedRegex(@"^(int|long|short|ushort|uint|ulong|double|decimal|TimeSpan)\??$")]
    private static partial Regex Numeric();
}
