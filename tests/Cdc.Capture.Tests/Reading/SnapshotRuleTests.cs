namespace Cdc.Capture.Tests.Reading;

/// <summary>The rule by which tables are read beside the stream, under thousands of random schedules.</summary>
public sealed class SnapshotRuleTests
{
    private const int Seeds = 4000;

    public static TheoryData<ModelFlaw> Flaws => [.. Enum.GetValues<ModelFlaw>().Where(flaw => flaw != ModelFlaw.None)];

    // Invariants 2 and 3
    [Fact]
    public void Target_is_the_table_under_every_schedule()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var fault = ModelRun.Run(seed, ModelFlaw.None);
            Assert.True(fault is null, $"Seed {seed}: {fault}");
        }
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void Each_part_of_the_rule_is_needed(ModelFlaw flaw)
    {
        var seed = 0;
        while (seed < 10 * Seeds && ModelRun.Run(seed, flaw) is null)
            seed++;
        Assert.True(seed < 10 * Seeds, $"No schedule fails without '{flaw}'.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{flaw}: seed {seed}, {ModelRun.Run(seed, flaw)}");
    }
}
