using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>Days of a database's life, and at their end a target that holds the same.</summary>
public sealed class MonkeyTests
{
    private const int MostConnections = 30;

    private static int Connections => TestSetting.Read("CDC_MONKEY_CONNECTIONS", MostConnections);

    /// <summary>Servers, and with and without TLS, take turns by the day.</summary>
    private const int Turns = 4;

    private static int Seed => TestSetting.Read("CDC_SEED", TimeProvider.System.GetUtcNow().DayOfYear % Turns);

    /// <summary>The kinds named in <c>CDC_MONKEY_KINDS</c>, separated by semicolons; all where it is not set.</summary>
    private static IReadOnlyList<Deed> Asked => Environment.GetEnvironmentVariable("CDC_MONKEY_KINDS") is { Length: > 0 } names
        ? [.. names.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Registry.Find)]
        : Registry.All;

    [Fact]
    public void Deeds_have_names_of_their_own_and_are_many()
    {
        Assert.Equal(Registry.All.Count, Registry.All.Select(deed => deed.Name).Distinct().Count());
        Assert.True(Registry.All.Count >= 60, $"{Registry.All.Count} kinds of deeds are too few.");
    }

    // Invariants 1, 4, 6: hours of the same with CDC_MONKEY_MINUTES; the seed picks server, TLS, order and tables (CDC_SEED, CDC_SERVER,
    // CDC_TLS).
    [Fact]
    public async Task Source_and_target_are_equal_after_all_that_happens_to_a_database()
    {
        var seed = Seed;
        var minutes = TestSetting.Read("CDC_MONKEY_MINUTES", 0);
        IReadOnlyList<Deed> settled =
            [.. Asked.Where(deed => Known.IsSettled(deed, Campaign.Choose(seed).Major) && (minutes > 0 || Known.IsOfShort(deed)))];
        var findings = await Campaign.RunAsync(settled, seed, minutes, Connections);
        Assert.True(findings.Faults.Count == 0, findings.ToString());
        Assert.True(findings.Done >= settled.Count, $"Only {findings.Done} of {settled.Count} kinds were done.");
    }

    [Fact]
    public void Known_faults_are_of_deeds_that_are_there() =>
    Assert.Empty(Known.Faults.Keys.Concat(Known.FaultsBefore18.Keys)
        .Except(Registry.All.Select(deed => deed.Name), StringComparer.Ordinal));

    /// <summary>
    /// A survey, which takes an hour: <c>--explicit only</c>, and <c>CDC_MONKEY_REPORT</c> names the file that it writes.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Each_kind_alone_leaves_source_and_target_equal()
    {
        var file = Environment.GetEnvironmentVariable("CDC_MONKEY_REPORT");
        Assert.False(string.IsNullOrEmpty(file), "CDC_MONKEY_REPORT names no file.");
        await Campaign.SurveyAsync(Asked, Seed, Connections, line => File.AppendAllText(file!, $"{line}\n"));
    }
}
