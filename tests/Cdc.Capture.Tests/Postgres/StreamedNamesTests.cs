using Cdc.Capture.Postgres.Catalog;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Postgres;

/// <summary>Letters are what happens to a table: the stream names it (<c>s</c>) in a transaction, the catalog (<c>c</c>) at a place: <c>sa5</c>, <c>cb7</c>.</summary>
public sealed class StreamedNamesTests
{
    [Theory]
    [InlineData("sa5", 9, false)]
    [InlineData("sa5 ca7", 9, false)]
    [InlineData("sa5 cb7", 7, false)] // Whoever reads the table by its new name from there on has it.
    [InlineData("sa5 cb7", 8, true)]
    [InlineData("cb7 sa5", 8, true)]
    [InlineData("ca7 sb8", 9, false)] // The stream knows more.
    [InlineData("sa5 cb7 sb8", 9, false)]
    [InlineData("sa5 cb7 ca9", 10, false)]
    [InlineData("sa5 cb9 ca7", 10, true)] // The later look counts, whenever it comes.
    public void Change_comes_under_a_former_name_where_the_catalog_had_another_one_before_it(string happened, ulong commit, bool isOutdated)
    {
        var names = new StreamedNames();
        foreach (var word in happened.Split(' '))
        {
            var (name, at) = (new TableId(word[1..2], "t"), (ulong)(word[2] - '0'));
            if (word[0] == 's')
                names.Announce(1, name, at);
            else
                names.See(1, name, at);
        }

        Assert.Equal(isOutdated, names.IsOutdated(1, commit));
        Assert.False(names.IsOutdated(2, commit));
        Assert.Equal(happened.Contains('s', StringComparison.Ordinal) ? [1u] : [], names.Announced);
    }
}
