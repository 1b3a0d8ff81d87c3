using Cdc.Capture.Sources;
using Cdc.Capture.Tables;

namespace Cdc.Capture.Reading;

/// <summary>
/// Says what is read next of a table: keys that wait first, so that nobody misses their values for long; then its ranges in order.
/// </summary>
public static class SnapshotPlanner
{
    /// <summary>Names a reading of a table.</summary>
    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>The next chunk, taken out of the table's ranges; null where nothing is left to begin.</summary>
    public static TableChunk? Take(TableSnapshot table)
    {
        if (table.Rereads.Count > 0 && !table.Windows.Exists(window => window.Chunk is KeysChunk))
            return new KeysChunk(table, table.Shape!, Reading(table), table.ChunkBytes, table.Rereads.Some(table.KeysAtOnce));
        if (table.State != TableState.Reading)
            return null;
        foreach (var part in table.Parts)
        {
            // A little less than a chunk holds: one that fits need not be cut.
            if (part.Take(table.ChunkBytes / 4 * 3) is { } range)
                return new RangeChunk(table, table.Shape!, new SnapshotOrigin(table.SnapshotId, table.Reason), table.ChunkBytes, part,
                    range);
        }

        return null;
    }

    /// <summary>A table whose snapshot is complete, or that has none, has single rows read again for their key's sake.</summary>
    private static SnapshotOrigin Reading(TableSnapshot table) =>
        table.IsReading ? new SnapshotOrigin(table.SnapshotId, table.Reason)
            : new SnapshotOrigin(table.SnapshotId.Length > 0 ? table.SnapshotId : NewId(), ReadReasons.Key);
}
