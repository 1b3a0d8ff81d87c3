using System.Text;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Postgres.Snapshot;

/// <summary>A chunk is cut behind its last row only where its rows came in the order of their places.</summary>
public sealed class PlaceWatchTests
{
    private static readonly TableId Table = new("public", "t");

    [Theory]
    [InlineData("(0,1)\ta\n(0,2)\tb\n(0,10)\tc\n(7,1)\td\n", 4, 7, 1)]
    [InlineData("(0,1)\n(4294967294,65535)\n", 2, 4294967294, 65535)]
    [InlineData("(3,4)\ta\n(3,5)\tnot whole", 1, 3, 4)]
    [InlineData("", 0, 0, 0)]
    public void Last_whole_row_is_told(string text, int rows, uint page, uint row)
    {
        var places = Follow(text, new PagePlace(0, 0));

        Assert.Equal((rows, new PagePlace(page, row)), (places.Rows, places.Last));
    }

    // Invariant 4
    [Theory]
    [InlineData("(5,2)\ta\n")]
    [InlineData("(5,1)\ta\n")]
    [InlineData("(4,9)\ta\n")]
    [InlineData("(5,3)\ta\n(5,3)\tb\n")]
    [InlineData("(5,4)\ta\n(6,1)\tb\n(5,5)\tc\n")]
    public void Place_that_is_not_above_the_last_is_refused(string text)
    {
        var error = Assert.Throws<CdcException>(() => Follow(text, new PagePlace(5, 2)));

        Assert.Equal(ErrorCodes.SourceRowsUnordered, error.Code);
        Assert.Equal(ErrorResponse.StopTable, ErrorPolicy.For(error.Kind));
    }

    [Theory]
    [InlineData("5,2)\ta\n")]
    [InlineData("(5;2)\ta\n")]
    [InlineData("(5,2\ta\n")]
    [InlineData("(99999999999,2)\ta\n")]
    [InlineData("\n")]
    public void Row_without_a_place_is_refused(string text) =>
        Assert.Equal(ErrorCodes.SourceCopyInvalid, Assert.Throws<CdcException>(() => Follow(text, new PagePlace(0, 0))).Code);

    [Fact]
    public void Rows_by_key_come_in_any_order() => Assert.Equal(3, Follow("(5,1)\n(4,1)\n(5,1)\n", after: null).Rows);

    /// <summary>Byte by byte, as a slow connection brings them.</summary>
    private static PlaceWatch Follow(string text, PagePlace? after)
    {
        var places = new PlaceWatch(Table, after);
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var length = 0; length <= bytes.Length; length++)
            places.Take(bytes.AsSpan(0, length));
        return places;
    }
}
