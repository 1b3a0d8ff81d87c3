using Cdc.Capture.Publishing;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Publishing;

public sealed class SnapshotPlacesTests
{
    private static readonly TableId Table = new("public", "t");
    private static readonly TablePlacement Placement = new("shop.public.t", [4, 2], 0, 1);

    [Fact]
    public void Edges_lie_behind_the_records_of_their_append()
    {
        var places = new SnapshotPlaces(Checkpoint.Empty);
        places.Begin(4, 100);
        places.Begin(2, 7);
        places.Begin(4, 0); // Known already: the log's answer may be older than our appends.
        places.Move(Appended((4, 100, 103), (9, 0, 1)));

        var begun = Read(places.Note(Placement, new SnapshotEdge(Table, "a", "first", EdgeSide.Begin)));
        places.Move(Appended((2, 7, 20)));
        var ended = Read(places.Note(Placement, new SnapshotEdge(Table, "a", "first", EdgeSide.End)));

        Assert.Equal(("a", false), (begun.Id, begun.IsComplete));
        Assert.Equal([103, 7], begun.Begin);
        Assert.Equal([103, 7], ended.Begin);
        Assert.Equal([103, 20], ended.End);
    }

    [Fact]
    public void Begin_of_a_session_before_is_kept_and_that_of_an_abandoned_snapshot_is_replaced()
    {
        var before = new SnapshotBounds("shop.public.t", "a", "gap", [1, 2], []).ToEntry();
        var places = new SnapshotPlaces(new Checkpoint([new(before.Key, before.Value!)]));
        places.Begin(4, 50);
        places.Begin(2, 60);

        Assert.Equal([1, 2], Read(places.Note(Placement, new SnapshotEdge(Table, "a", "first", EdgeSide.End))).Begin);
        Assert.Null(places.Note(Placement, new SnapshotEdge(Table, "b", "first", EdgeSide.End)));
        var again = Read(places.Note(Placement, new SnapshotEdge(Table, "b", "first", EdgeSide.Begin)));
        Assert.Equal(("b", false), (again.Id, again.IsComplete));
        Assert.Equal([50, 60], again.Begin);
    }

    // Invariant 6
    [Fact]
    public void New_lineage_forgets_the_snapshots_from_before()
    {
        var before = new SnapshotBounds("shop.public.t", "a", "gap", [1, 2], []).ToEntry();
        var places = new SnapshotPlaces(new Checkpoint([new(before.Key, before.Value!)]));
        places.Begin(4, 50);
        places.Begin(2, 60);

        var entries = places.BeginLineage();

        Assert.Contains(SnapshotBounds.Removal("shop.public.t"), entries);
        Assert.Single(entries, entry => entry.Key == "lineage" && entry.Value is not null);
        Assert.Null(places.Note(Placement, new SnapshotEdge(Table, "a", "first", EdgeSide.End)));
    }

    private static AppendedOffsets Appended(params (int Slot, long First, long Next)[] ranges) =>
        new(ranges.ToDictionary(range => range.Slot, range => (range.First, range.Next)));

    private static SnapshotBounds Read(CheckpointEntry? entry) =>
        SnapshotBounds.Read(new Checkpoint([new(entry!.Value.Key, entry.Value.Value!)]))["shop.public.t"];
}
