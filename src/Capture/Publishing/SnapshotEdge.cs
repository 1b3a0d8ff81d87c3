using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>What an append notes besides its records and the source's position.</summary>
/// <param name="Entries">As they are.</param>
/// <param name="Edges">Once the offsets of the append's records are known.</param>
public sealed record AppendNotes(IReadOnlyList<CheckpointEntry> Entries, IReadOnlyList<SnapshotEdge> Edges)
{
    public static AppendNotes None { get; } = new([], []);

    /// <summary>Whether a new lineage begins behind all records so far; what was noted of earlier snapshots goes.</summary>
    public bool BeginsLineage { get; init; }
}

/// <summary>A table's snapshot begins, or is complete, behind all records handed over so far.</summary>
public sealed record SnapshotEdge(TableId Table, string SnapshotId, string Reason, EdgeSide Side);

/// <summary>Which end of a snapshot.</summary>
public enum EdgeSide
{
    Begin,
    End,
}
