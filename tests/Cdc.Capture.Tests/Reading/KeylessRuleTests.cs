namespace Cdc.Capture.Tests.Reading;

/// <summary>The rule by which tables without a key are read, under thousands of random schedules.</summary>
public sealed class KeylessRuleTests
{
    private const int Seeds = 2000;

    public static TheoryData<KeylessFlaw> Flaws => [.. Enum.GetValues<KeylessFlaw>().Where(flaw => flaw != KeylessFlaw.None)];

    // Invariants 2 and 3
    [Fact]
    public void Target_is_the_table_as_a_multiset_under_every_schedule()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var fault = KeylessRun.Run(seed, KeylessFlaw.None);
            Assert.True(fault is null, $"Seed {seed}: {fault}");
        }
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void Each_part_of_the_rule_is_needed(KeylessFlaw flaw)
    {
        var seed = 0;
        while (seed < 20 * Seeds && KeylessRun.Run(seed, flaw) is null)
            seed++;
        Assert.True(seed < 20 * Seeds, $"No schedule fails without '{flaw}'.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{flaw}: seed {seed}, {KeylessRun.Run(seed, flaw)}");
    }
}
