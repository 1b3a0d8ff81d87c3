using System.Collections.Concurrent;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>
/// Where the snapshots of tables lie in their topics. It follows each partition's next offset, from what the topic had when it was placed
/// on over every append: nobody else appends (Invariant 5).
/// </summary>
public sealed class SnapshotPlaces(Checkpoint checkpoint)
{
    private readonly ConcurrentDictionary<int, long> next = new();
    private readonly Dictionary<string, SnapshotBounds> bounds = new(SnapshotBounds.Read(checkpoint), StringComparer.Ordinal);

    /// <summary>A partition was given a slot; nothing was appended to it with this writer.</summary>
    public void Begin(int slot, long nextOffset) => next.TryAdd(slot, nextOffset);

    /// <summary>The records of an append have their offsets.</summary>
    public void Move(AppendedOffsets offsets)
    {
        foreach (var (slot, range) in offsets.All)
            next[slot] = range.Next;
    }

    /// <summary>A new lineage begins: no snapshot from before is trusted by who lost what lay behind it.</summary>
    public IReadOnlyList<CheckpointEntry> BeginLineage()
    {
        CheckpointEntry[] entries = [Lineage.Begin(), .. bounds.Keys.Select(SnapshotBounds.Removal)];
        bounds.Clear();
        return entries;
    }

    /// <summary>Notes an edge behind all that was appended; null for the end of a snapshot whose begin was never noted.</summary>
    public CheckpointEntry? Note(TablePlacement placement, SnapshotEdge edge)
    {
        var here = placement.Slots.Select(slot => next[slot]);
        var known = bounds.GetValueOrDefault(placement.Topic);
        if (edge.Side == EdgeSide.Begin)
            known = new SnapshotBounds(placement.Topic, edge.SnapshotId, edge.Reason, [.. here], []);
        else if (known?.Id == edge.SnapshotId)
            known = known with { End = [.. here] };
        else
            return null;
        bounds[placement.Topic] = known;
        return known.ToEntry();
    }
}
