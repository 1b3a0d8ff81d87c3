using System.Collections.Immutable;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;

namespace Cdc.Sink.Tests.Consuming;

public sealed class SweepTests
{
    [Theory]
    [InlineData(10, 20, null, true)]
    [InlineData(0, 35, "earlier", true)]
    [InlineData(11, 20, null, false)]
    [InlineData(0, 19, null, false)]
    [InlineData(0, 20, "s", false)]
    public void Partition_is_swept_once_when_all_of_the_snapshot_was_applied(long since, long next, string? swept, bool expected) =>
        Assert.Equal(expected, Sweep.IsDue(Entry(0, since, next, swept), Bounds([10], [20])));

    [Fact]
    public void Snapshot_that_runs_or_does_not_know_the_partition_sweeps_nothing()
    {
        Assert.False(Sweep.IsDue(Entry(0, 0, 99, null), Bounds([10], [])));
        Assert.False(Sweep.IsDue(Entry(1, 0, 99, null), Bounds([10], [20])));
        Assert.False(Sweep.IsDue(Entry(1, 0, 99, null), Bounds([10, 10], [20])));
        Assert.False(Sweep.IsDue(Entry(0, 0, 99, null), null));
    }

    [Fact]
    public void Empty_table_s_snapshot_is_swept_too() => Assert.True(Sweep.IsDue(Entry(0, 0, 0, null), Bounds([0], [0])));

    [Fact]
    public async Task Partitions_are_swept_one_by_one_and_the_last_one_takes_those_out_of_use()
    {
        var notes = await AssignmentTests.NotesAsync(Bounds([10, 30], [20, 40]));
        var ledger = new[] { Entry(0, 0, 20, null), Entry(1, 0, 39, null) }.ToDictionary(entry => entry.Partition);

        var first = Sweep.FindNext(ledger, notes, _ => false);
        Assert.Equal((0, 10L, (int?)null), (first!.Entry.Partition.Partition, first.Before, first.UnusedFrom));
        ledger[first.Entry.Partition] = first.Swept;
        Assert.Null(Sweep.FindNext(ledger, notes, _ => false));

        ledger[new TopicPartition("t.x", 1)] = Entry(1, 0, 40, null);
        Assert.Null(Sweep.FindNext(ledger, notes, topic => topic == "t.x"));
        var second = Sweep.FindNext(ledger, notes, _ => false);
        Assert.Equal((1, 30L, (int?)2), (second!.Entry.Partition.Partition, second.Before, second.UnusedFrom));
        Assert.Equal("s", second.Swept.Swept);
    }

    [Fact]
    public void Row_of_the_ledger_starts_over_at_a_first_row_another_topic_and_a_gap()
    {
        var entry = Entry(0, 0, 20, null);
        Assert.True(new LedgerMove(null, entry).StartsOver);
        Assert.True(new LedgerMove(entry, entry with { TopicId = "other" }).StartsOver);
        Assert.True(new LedgerMove(entry, entry with { NextOffset = 30, Since = 30 }).StartsOver);
        Assert.True(new LedgerMove(entry with { Since = 5 }, entry with { NextOffset = 5, Since = 5 }).StartsOver);
        Assert.False(new LedgerMove(entry, entry with { NextOffset = 30, Rows = 3 }).StartsOver);
        Assert.False(new LedgerMove(entry, entry with { Swept = "s" }).StartsOver);
        Assert.False(new LedgerMove(entry, entry with { TopicId = entry.TopicId + "/lineage" }).StartsOver);
    }

    private static LedgerEntry Entry(int partition, long since, long next, string? swept) =>
        new("sink", new TopicPartition("t.x", partition), "id", next, since, swept, 0);

    private static SnapshotBounds Bounds(ImmutableArray<long> begin, ImmutableArray<long> end) => new("t.x", "s", "gap", begin, end);
}
