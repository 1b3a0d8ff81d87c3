using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>Days of a warehouse's life, and at their end targets that hold what the source does.</summary>
public sealed class TargetMonkeyTests
{
    private const int FewestKinds = 120;

    /// <summary>Servers, and with and without a pooler, take turns by the day.</summary>
    private const int Turns = 4;

    private static int Seed => TestSetting.Read("CDC_SEED", TimeProvider.System.GetUtcNow().DayOfYear % Turns);

    /// <summary>The kinds named in <c>CDC_MONKEY_KINDS</c>, separated by semicolons; all where it is not set.</summary>
    private static IReadOnlyList<TargetDeed> Asked => Environment.GetEnvironmentVariable("CDC_MONKEY_KINDS") is { Length: > 0 } names
        ? [.. names.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(TargetRegistry.Find)]
        : TargetRegistry.All;

    [Fact]
    public void Deeds_have_names_of_their_own_and_are_many()
    {
        Assert.Equal(TargetRegistry.All.Count, TargetRegistry.All.Select(deed => deed.Name).Distinct().Count());
        Assert.True(TargetRegistry.All.Count >= FewestKinds, $"{TargetRegistry.All.Count} kinds of deeds are too few.");
    }

    // Invariants 1, 3, 6: hours of the same with CDC_MONKEY_MINUTES; the seed picks servers, pooler, order and tables (CDC_SEED,
    // CDC_SERVER, CDC_POOLER).
    [Fact]
    public async Task Targets_are_equal_to_the_source_after_all_that_happens_to_a_warehouse()
    {
        var seed = Seed;
        var minutes = TestSetting.Read("CDC_MONKEY_MINUTES", 0);
        IReadOnlyList<TargetDeed> fitting =
            [.. Asked.Where(deed => (!deed.IsOfPooler || Variant.Choose(seed).IsPooled) && (!deed.IsLong || minutes > 0))];
        var findings = await TargetCampaign.RunAsync(fitting, seed, minutes);
        Assert.True(findings.Faults.Count == 0, findings.ToString());
        Assert.True(findings.Done >= fitting.Count, $"Only {findings.Done} of {fitting.Count} kinds were done.");
        TestContext.Current.TestOutputHelper?.WriteLine(findings.Title);
    }

    /// <summary>A survey, which takes long: <c>--explicit only</c>, and <c>CDC_MONKEY_REPORT</c> names the file that it writes.</summary>
    [Fact(Explicit = true)]
    public async Task Each_kind_alone_leaves_targets_equal_to_the_source()
    {
        var file = Environment.GetEnvironmentVariable("CDC_MONKEY_REPORT");
        Assert.False(string.IsNullOrEmpty(file), "CDC_MONKEY_REPORT names no file.");
        await TargetCampaign.SurveyAsync([.. Asked.Where(deed => !deed.IsOfPooler || Variant.Choose(Seed).IsPooled)], Seed,
            line => File.AppendAllText(file!, $"{line}\n"));
    }
}
