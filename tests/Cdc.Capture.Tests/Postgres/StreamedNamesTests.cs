using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Postgres;

/// <summary>
/// Letters are what happens to a table: the stream names it (<c>s</c>) for a change at a place, of a transaction that is committed at
/// another; the catalog names it (<c>c</c>) at a place; a change of it comes (<c>d</c>): <c>sa5/6 cb7 d8</c>.
/// </summary>
public sealed class StreamedNamesTests
{
    private static readonly Dictionary<uint, TableId> Unknown = [];

    [Theory]
    [InlineData("sa5/5 d9", "a")]
    [InlineData("sa5/5 ca7 d9", "a")]
    [InlineData("sa5/5 cb7 d6", "a")]
    [InlineData("sa5/5 cb7 d7", "b")] // It was committed where the look ended, so behind it.
    [InlineData("cb7 sa5/5 d6", "a")]
    [InlineData("cb7 sa5/5 d8", "b")]
    [InlineData("ca7 sb8/8 d9", "b")] // The stream knows more.
    [InlineData("sb8/8 ca7 d9", "b")]
    [InlineData("sa5/5 cb7 sb8/8 d9", "b")]
    [InlineData("sa5/5 cb7 ca9 d10", "a")]
    [InlineData("sa5/5 cb7 ca9 d8", "b")] // Both are still to come.
    [InlineData("sa5/5 cb7 ca9 d8 d9", "a")]
    [InlineData("sa5/5 cb9 ca7 d10", "b")] // The later look counts, whenever it comes.
    [InlineData("cb7 sa5/9 d9", "b")] // A change from before the look, in a transaction from behind it.
    [InlineData("cb7 sa8/9 d9", "a")] // Renamed back since.
    [InlineData("cb7 sa0/9 d9", "b")] // Named for no change: the look counts.
    [InlineData("cb7 sa8/9 cb10 d12", "b")]
    public void Newest_name_from_before_a_change_is_its_tables(string happened, string name)
    {
        Assert.Equal(name, Follow(new StreamedNames(0, Unknown), happened));
    }

    [Theory]
    [InlineData("sa2/2 d6", "b")] // Streamed again, up to where the log was.
    [InlineData("sa2/2 cc8 d7", "b")]
    [InlineData("sa2/2 cc8 d8", "c")]
    [InlineData("cc8 sa2/2 d7", "b")]
    [InlineData("sa2/6 d6", "b")] // The transaction is new, its change is older.
    [InlineData("sa6/6 d6", "a")] // Renamed back since.
    [InlineData("sa0/6 d6", "b")]
    public void Name_that_the_log_has_a_table_under_counts_more_than_one_from_before(string happened, string name)
    {
        Assert.Equal(name, Follow(new StreamedNames(5, new Dictionary<uint, TableId> { [1] = new("b", "t") }), happened));
    }

    [Fact]
    public void Nothing_is_asked_of_rows_while_all_names_are_right()
    {
        var names = new StreamedNames(0, Unknown);
        names.See(1, new TableId("a", "t"), 3);
        names.Announce(1, new TableId("a", "t"), 5, 5);
        names.See(1, new TableId("a", "t"), 6);
        names.See(2, new TableId("c", "t"), 6);
        Assert.False(names.HasOutdated);
        Assert.Equal([1u], names.Announced);

        names.See(1, new TableId("b", "t"), 7);
        Assert.True(names.HasOutdated);
        Assert.Null(names.Correct(2, 9));
        Assert.Equal(new TableId("b", "t"), names.Correct(1, 9));
        Assert.False(names.HasOutdated);
        Assert.Null(names.Correct(1, 9));
    }

    private static string Follow(StreamedNames names, string happened)
    {
        var last = default(TableId);
        foreach (var word in happened.Split(' '))
        {
            var name = new TableId(word[1..2], "t");
            if (word[0] == 's')
                last = names.Announce(1, name, Number(word[2..word.IndexOf('/', StringComparison.Ordinal)]),
                    Number(word[(word.IndexOf('/', StringComparison.Ordinal) + 1)..]));
            else if (word[0] == 'c')
                names.See(1, name, Number(word[2..]));
            else
                last = names.Correct(1, Number(word[1..])) ?? last;
        }

        return last.Schema;
    }

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}
