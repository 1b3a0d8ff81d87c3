using System.Diagnostics;
using Cdc.Contracts.Selection;

namespace Cdc.Contracts.Tests.Selection;

public class SelectionTests
{
    [Theory]
    [InlineData("public.orders", "public.orders", true)]
    [InlineData("public.orders", "public.orders2", false)]
    [InlineData("public.orders", "Public.orders", false)]
    [InlineData("public.*", "public.", true)]
    [InlineData("public.*", "publicXorders", false)]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a*b*c", "a__b__b__c", true)]
    [InlineData("a*b*c", "a__c__b", false)]
    [InlineData("**a", "a", true)]
    [InlineData("*.tmp_*", "public.tmp_1", true)]
    [InlineData("p.blic", "public", false)]
    public void Pattern_is_a_whole_name_with_stars(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new TablePattern(pattern).Matches(name));

    [Fact]
    public void Pattern_of_many_stars_takes_no_long_time()
    {
        var pattern = new TablePattern(string.Concat(Enumerable.Repeat("*a", 50)) + "b");
        var clock = Stopwatch.StartNew();
        Assert.False(pattern.Matches(new string('a', 5_000)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("public.orders", true)]
    [InlineData("public.tmp_1", false)]
    [InlineData("other.orders", false)]
    public void Exclusion_wins_wherever_it_stands(string name, bool included)
    {
        Assert.Equal(included, new TableSelection(["public.*", "!public.tmp_*"]).Includes(name));
        Assert.Equal(included, new TableSelection(["!public.tmp_*", "public.*"]).Includes(name));
    }

    [Fact]
    public void Only_exclusions_or_nothing_mean_all_others()
    {
        Assert.True(new TableSelection([]).Includes("a.b"));
        Assert.True(new TableSelection(["!x.*"]).Includes("a.b"));
        Assert.False(new TableSelection(["!x.*"]).Includes("x.b"));
    }

    [Theory]
    [InlineData("*.*")]
    [InlineData("!dw.*")]
    [InlineData("_cdc.*")]
    public void A_source_never_gives_what_sinks_keep_of_themselves(string pattern)
    {
        var selection = TableSelection.OfSource([pattern]);
        Assert.False(selection.Includes("_cdc.ledger"));
        Assert.Equal(pattern != "_cdc.*", selection.Includes("public._cdc"));
    }
}
