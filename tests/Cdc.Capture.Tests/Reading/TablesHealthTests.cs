using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Reading;

/// <summary>Which tables are published, over restarts.</summary>
public sealed class TablesHealthTests
{
    private static readonly TableId First = new("public", "first");
    private static readonly TableId Second = new("public", "second");

    // Invariant 6
    [Fact]
    public void A_table_that_stops_is_not_published_though_one_that_was_gone_has_returned()
    {
        using var before = new TableSnapshots(Checkpoint.Empty, PostgresNotes.Instance, ReadLimits.For(1 << 20), TimeProvider.System);
        before.Add(First, isJoining: false);
        before.Leave(before.Find(First)!);
        var checkpoint = new Checkpoint(before.TakeNotes().Entries.Where(entry => entry.Value is not null)
            .ToDictionary(entry => entry.Key, entry => entry.Value!));

        var health = new TablesHealth(checkpoint, TimeProvider.System);
        using var reads = new TableSnapshots(checkpoint, PostgresNotes.Instance, ReadLimits.For(1 << 20), TimeProvider.System, health);
        Assert.False(health.IsPublished(First));
        reads.Return(reads.Find(First)!);
        Assert.True(health.IsPublished(First));
        health.Of(Second).Stop(Troubles.Some);
        Assert.False(health.IsPublished(Second));
    }

    [Fact]
    public void A_table_that_stopped_for_a_large_value_is_tried_again_once_a_larger_one_is_taken()
    {
        var before = new TablesHealth(Checkpoint.Empty, TimeProvider.System, maxValueBytes: 1024);
        before.Of(First).Stop(new CdcException(ErrorCodes.SourceValueTooLarge, "It holds 2000 bytes."));
        before.Of(Second).Stop(new CdcException(ErrorCodes.KeyValueUnsupported, "It holds no value that a key can carry."));
        var checkpoint = new Checkpoint(before.TakeNews().ToDictionary(entry => entry.Key, entry => entry.Value!));

        foreach (var (limit, isTried) in ((long?, bool)[])[(512, false), (1024, false), (2048, true), (null, true)])
        {
            var health = new TablesHealth(checkpoint, TimeProvider.System, maxValueBytes: limit);
            Assert.Equal(TableState.Stopped, health.Of(First).State);
            Assert.Equal(isTried, !health.Of(First).IsPaused);
            Assert.True(health.Of(Second).IsPaused);
        }
    }

    [Fact]
    public void A_table_that_waits_for_its_next_try_is_tried_at_once_where_somebody_asks()
    {
        using var reads = new TableSnapshots(Checkpoint.Empty, PostgresNotes.Instance, ReadLimits.For(1 << 20), TimeProvider.System);
        reads.Add(First, isJoining: false);
        var table = reads.Find(First)!;
        TableSnapshots.Fail(table, Troubles.Some);
        Assert.True(table.Health.IsPaused);
        reads.Ask(table);
        Assert.False(table.Health.IsPaused);
    }
}
