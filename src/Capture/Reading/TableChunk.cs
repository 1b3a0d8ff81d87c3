using Cdc.Capture.Sources;

namespace Cdc.Capture.Reading;

/// <summary>A piece of a table to be read at once.</summary>
/// <param name="Table">Whose.</param>
/// <param name="Shape">What the table looks like; a read that finds another is worth nothing.</param>
/// <param name="Reading">What its events say of it.</param>
/// <param name="MaxBytes">The chunk ends where so many bytes are full.</param>
public abstract record TableChunk(TableSnapshot Table, SourceTable Shape, SnapshotOrigin Reading, int MaxBytes);

/// <summary>Rows of a range.</summary>
public sealed record RangeChunk(
    TableSnapshot Table, SourceTable Shape, SnapshotOrigin Reading, int MaxBytes, TablePart Part, ReadRange Range)
    : TableChunk(Table, Shape, Reading, MaxBytes);

/// <summary>Rows by their keys' texts.</summary>
public sealed record KeysChunk(TableSnapshot Table, SourceTable Shape, SnapshotOrigin Reading, int MaxBytes, IReadOnlyList<byte[]> Keys)
    : TableChunk(Table, Shape, Reading, MaxBytes);

/// <summary>What is known of a chunk when it has been read.</summary>
/// <param name="Sight">What the read could see.</param>
/// <param name="End">A place in the source's log behind everything that the read saw.</param>
/// <param name="FileVersion">The file that was read; 0 for keys.</param>
public sealed record ChunkFacts(IReadSight Sight, ulong End, uint FileVersion)
{
    /// <summary>The table looked otherwise than the chunk's shape says; nothing was read.</summary>
    public bool IsReshaped { get; init; }

    /// <summary>The bytes were full before all was read.</summary>
    public bool IsCut { get; init; }

    /// <summary>What is left of its range, where it was cut.</summary>
    public ReadRange? Rest { get; init; }

    public int Rows { get; init; }

    public int Bytes { get; init; }
}
