using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Postgres.Snapshot;

/// <summary>How long the ranges are that are given out of a file.</summary>
public sealed class PagedPartTests
{
    private static readonly TableId Table = new("public", "t");

    [Fact]
    public void Range_does_not_grow_by_more_than_a_small_factor()
    {
        var part = new PagedPart(1, Table, 1) { Pages = 1_000_000 };
        var first = (PageRange)part.Take(8192 * 10)!;
        part.Finish(first, new ChunkFacts(TransactionSnapshot.Parse("10:10:"), 0, 1)); // Pages without rows.
        var second = (PageRange)part.Take(8192 * 10)!;
        var third = (PageRange)part.Take(8192 * 10)!;

        Assert.Equal((10U, 50U, 210U), (first.End!.Value, second.End!.Value, third.End!.Value));
    }

    [Fact]
    public void Range_shrinks_at_once_where_rows_are_long()
    {
        var part = new PagedPart(1, Table, 1) { Pages = 1_000_000 };
        part.Take(8192 * 100);
        part.Expect(8192 * 100);

        Assert.Equal(new PageRange(new PagePlace(100, 0), 101), part.Take(8192 * 100));
        Assert.Equal(new PageRange(new PagePlace(101, 0), 102), part.Take(8192 * 100));
    }
}
