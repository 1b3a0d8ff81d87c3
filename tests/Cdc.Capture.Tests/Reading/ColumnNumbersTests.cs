using Cdc.Capture.Reading;

namespace Cdc.Capture.Tests.Reading;

/// <summary>Which changes of columns need the table's rows read again (Invariant 6).</summary>
public sealed class ColumnNumbersTests
{
    private readonly ColumnNumbers noted = new(3, new Dictionary<string, int> { ["id"] = 1, ["note"] = 2, ["amount"] = 3 });

    [Theory]
    [InlineData("id:1 note:2 amount:3", 3, ColumnsVerdict.Same)]
    [InlineData("id:1 note:2 amount:3 extra:4", 4, ColumnsVerdict.Taken)] // Null in all old rows.
    [InlineData("id:1 note:2", 3, ColumnsVerdict.Taken)] // Dropped.
    [InlineData("id:1 note:2 amount:3 extra:5", 5, ColumnsVerdict.Taken, 4)] // Another one came and went, and was seen going.
    [InlineData("id:1 note:2 amount:3 extra:4=", 4, ColumnsVerdict.ReadAgain)] // A constant default.
    [InlineData("id:1 amount:3 note:4", 4, ColumnsVerdict.ReadAgain)] // Dropped and made again.
    [InlineData("id:1 text:2 amount:3", 3, ColumnsVerdict.ReadAgain)] // Renamed.
    [InlineData("id:1 amount:2 note:3", 3, ColumnsVerdict.ReadAgain)] // Names were swapped.
    public void Values_that_old_rows_may_have_are_missed(string now, int last, ColumnsVerdict verdict, int seenDropped = 0)
    {
        if (seenDropped > 0)
            noted.Compare(Columns("id:1 note:2 amount:3", seenDropped, seenDropped), isSettled: true);
        Assert.Equal(verdict, noted.Compare(Columns(now, last), isSettled: true));
        if (verdict != ColumnsVerdict.ReadAgain)
            Assert.Equal(ColumnsVerdict.Same, noted.Compare(Columns(now, last), isSettled: true));
    }

    [Fact]
    public void Default_counts_when_the_column_appears_and_never_again()
    {
        noted.Take(Columns("id:1 note:2 amount:3 extra:4=", 4));

        Assert.Equal(ColumnsVerdict.Same, noted.Compare(Columns("id:1 note:2 amount:3 extra:4=", 4), isSettled: true));
    }

    [Fact]
    public void Name_that_was_dropped_is_remembered()
    {
        Assert.Equal(ColumnsVerdict.Taken, noted.Compare(Columns("id:1 amount:3", 3), isSettled: true));
        Assert.Equal(ColumnsVerdict.ReadAgain, noted.Compare(Columns("id:1 amount:3 note:4", 4), isSettled: true));

        // Also over a read, which said nothing of it.
        noted.Take(Columns("id:1 amount:3", 3));
        Assert.Equal(ColumnsVerdict.ReadAgain, noted.Compare(Columns("id:1 amount:3 note:4", 4), isSettled: true));
    }

    [Fact]
    public void Column_that_came_and_went_unseen_may_have_had_the_name_of_the_new_one()
    {
        Assert.Equal(ColumnsVerdict.ReadAgain, noted.Compare(Columns("id:1 note:2 amount:3 extra:5", 5, 4), isSettled: true));
    }

    [Fact]
    public void Columns_that_were_not_noted_yet_are_taken_as_they_are()
    {
        var old = new ColumnNumbers();

        Assert.Equal(ColumnsVerdict.Taken, old.Compare(Columns("id:1 note:4=", 4, 2, 3), isSettled: true));
        Assert.Equal(ColumnsVerdict.Same, old.Compare(Columns("id:1 note:4=", 4, 2, 3), isSettled: true));
    }

    [Fact]
    public void Source_without_numbers_changes_nothing()
    {
        Assert.Equal(ColumnsVerdict.Same, noted.Compare(TableColumns.None, isSettled: true));
        Assert.Equal(3, noted.Last);
    }

    [Fact]
    public void Name_that_only_the_stream_shows_waits_for_the_catalog()
    {
        Assert.True(noted.Meet(["id", "note", "amount", "extra"]));
        Assert.False(noted.Meet(["extra"]));
        Assert.Equal(ColumnsVerdict.Same, noted.Compare(Columns("id:1 note:2 amount:3", 3), isSettled: false));

        Assert.Equal(ColumnsVerdict.Taken, noted.Compare(Columns("id:1 note:2 amount:3 extra:4", 4), isSettled: false));
        Assert.Equal(4, noted.ByName["extra"]);
    }

    [Fact]
    public void Name_that_the_catalog_never_had_is_of_a_column_that_was_renamed()
    {
        noted.Meet(["id", "note", "total"]);

        Assert.Equal(ColumnsVerdict.ReadAgain, noted.Compare(Columns("id:1 note:2 amount:3", 3), isSettled: true));

        // What is read from here on has all values; the name stays known.
        noted.Settle();
        Assert.Equal(ColumnsVerdict.Same, noted.Compare(Columns("id:1 note:2 amount:3", 3), isSettled: true));
        Assert.Equal(ColumnsVerdict.ReadAgain, noted.Compare(Columns("id:1 note:2 amount:3 total:4", 4), isSettled: true));
    }

    /// <summary><c>name:number</c>, with <c>=</c> where old rows have a value.</summary>
    private static TableColumns Columns(string columns, int last, params int[] dropped) =>
        new(last, [.. columns.Split(' ').Select(Column)], dropped);

    private static TableColumn Column(string text)
    {
        var parts = text.TrimEnd('=').Split(':');
        return new TableColumn(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), text.EndsWith('='));
    }
}
