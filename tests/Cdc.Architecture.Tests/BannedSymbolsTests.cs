using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>The analyzer's ban lists, checked once more as text: they hold also where an analyzer is turned off or cannot be had.</summary>
public sealed partial class BannedSymbolsTests
{
    // The one that polls, for facts of other processes.
    private const string Eventually = "tests/Cdc.Testing/Eventually.cs";

    [Fact]
    public void Nobody_sleeps() => Sources.ExpectNone(Find(Sources.All, Sleep(), "wait for a signal"));

    [Fact]
    public void Tests_wait_for_signals() =>
        Sources.ExpectNone(Find(Sources.Tests.Where(file => !string.Equals(file.Path, Eventually, StringComparison.Ordinal)), Delay(),
            "wait for a signal, or use Eventually"));

    [Fact]
    public void The_clock_is_handed_in() => Sources.ExpectNone(Find(Sources.Product, Clock(), "use TimeProvider"));

    [Fact]
    public void Only_the_command_line_speaks_to_the_terminal() =>
        Sources.ExpectNone(Find(Sources.Product.Where(file => !string.Equals(file.Project, "Cli", StringComparison.Ordinal)), Terminal(),
            "log it"));

    [Fact]
    public void A_warning_is_silenced_in_place_only_with_a_reason() =>
        Sources.ExpectNone(Sources.All.SelectMany(file => Silenced().Matches(file.Text)
            .Select(match => $"{file.At(file.LineAt(match.Index))}: mend what is warned of, or say after '//' why it is right here.")));

    [Fact]
    public void No_regions() => Sources.ExpectNone(Find(Sources.All, Region(), "split the file"));

    private static IEnumerable<string> Find(IEnumerable<SourceFile> files, Regex banned, string instead) =>
        files.SelectMany(file => banned.Matches(file.Code)
            .Select(match => $"{file.At(file.LineAt(match.Index))}: '{match.Value.Trim()}'; {instead}."));

    [GeneratedRegex(@"\bThread\s*\.\s*(Sleep|SpinWait)\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bTask\s*\.\s*Delay\b")]
    private static partial Regex Delay();

    [GeneratedRegex(@"\bDateTime(Offset)?\s*\.\s*(Now|UtcNow|Today)\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"(?<![\w.])Console\s*\.\s*\w+")]
    private static partial Regex Terminal();

    [GeneratedRegex(@"^\s*(#pragma warning disable|\[SuppressMessage)(?![^\n]*//)", RegexOptions.Multiline)]
    private static partial Regex Silenced();

    [GeneratedRegex(@"^\s*#region\b", RegexOptions.Multiline)]
    private static partial Regex Region();
}
