using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Reading;

/// <summary>What a look at the source does besides looking.</summary>
public enum PulseKind
{
    /// <summary>Nothing.</summary>
    Look,

    /// <summary>Says whose transaction is the oldest one.</summary>
    Oldest,

    /// <summary>Writes a message into the source's log, so that an idle database's stream moves on.</summary>
    Heartbeat,

    /// <summary>Writes one whose commit is flushed: the stream then comes as far as the log is written.</summary>
    Flush,
}

/// <summary>
/// Reads tables of a source beside its stream; any thread, several calls at once. Throws what the source's errors become;
/// what passes with time ends the session and is tried again.
/// </summary>
public interface ISnapshotReader : IAsyncDisposable
{
    /// <summary>What tables look like now, each of those that are asked for.</summary>
    Task<IReadOnlyList<TableFinding>> DescribeAsync(IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a chunk in one snapshot of the source; null where the table is gone. It must have been described before. Throws
    /// <c>CDC-2080</c> where somebody keeps the table locked: that passes, and is no fault of the session's.
    /// </summary>
    Task<SnapshotChunk?> ReadAsync(TableChunk chunk, CancellationToken cancellationToken);

    /// <summary>
    /// Begins to read a whole table in one snapshot of the source; null where the table is gone. It must have been described before. Throws
    /// <c>CDC-2080</c> as above, at once. While it is open nobody can change the table's structure; where somebody waits for that too long
    /// it ends.
    /// </summary>
    /// <param name="table">Whose shape is known.</param>
    /// <param name="pieceBytes">About how many bytes it hands out at once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<TableScan?> OpenWholeAsync(TableSnapshot table, int pieceBytes, CancellationToken cancellationToken);

    /// <summary>What the catalog says now of every table that is published and selected. Calls follow one another.</summary>
    /// <param name="known">The source's numbers of tables of which it is to be said whether they are still there.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<CatalogSight> LookAsync(IReadOnlyCollection<uint> known, CancellationToken cancellationToken);

    /// <summary>What can be seen now, and then where the log ends. Calls follow one another.</summary>
    Task<SourcePulse> PulseAsync(PulseKind kind, CancellationToken cancellationToken);
}

/// <summary>What a look at the source saw.</summary>
/// <param name="Sight">What can be seen there.</param>
/// <param name="Position">Where its log ends behind that.</param>
public readonly record struct SourcePulse(IReadSight Sight, ulong Position)
{
    /// <summary>
    /// Whose transaction is the oldest that is open, and how one ends it, as the second half of a sentence; null unless asked for.
    /// </summary>
    public string? Oldest { get; init; }
}

/// <summary>What became of the wish to know a table.</summary>
/// <param name="Found">What it looks like; null where it is gone, not published, or cannot be told.</param>
public sealed record TableFinding(TableId Table, TableDescription? Found)
{
    /// <summary>Why it cannot be told: <c>CDC-2080</c> where it is locked and must be asked for again, else what stops it.</summary>
    public CdcException? Error { get; init; }
}

/// <summary>A table as a read finds it.</summary>
/// <param name="Shape">The same object as the stream's where both look alike.</param>
/// <param name="Number">The source's number of the table.</param>
/// <param name="Parts">The files that hold its rows.</param>
/// <param name="EstimatedRows">Rough; 0 where the source does not know.</param>
public sealed record TableDescription(SourceTable Shape, uint Number, IReadOnlyList<TablePart> Parts, long EstimatedRows)
{
    /// <summary>What the catalog has of it, no newer than the shape; else the chunks find another one.</summary>
    public TableLook Look { get; init; } = new(TableColumns.None, null);

    /// <summary>A place in the source's log behind all that the look saw.</summary>
    public ulong Position { get; init; }
}

/// <summary>A table as the catalog has it.</summary>
/// <param name="Columns">Its published columns.</param>
/// <param name="Files">The files that hold its rows; null where the source tells of none.</param>
public sealed record TableLook(TableColumns Columns, IReadOnlyList<TableFile>? Files)
{
    /// <summary>What else makes it that table; null where the source tells nothing of it.</summary>
    public ITableFingerprint? Fingerprint { get; init; }

    /// <summary>By which transactions its columns are as they are. It changes also where nothing changes that matters.</summary>
    public string Stamp { get; init; } = "";
}

/// <summary>What one look at the catalog saw.</summary>
/// <param name="Tables">Those that are published and selected.</param>
/// <param name="Position">A place in the source's log behind all that it saw.</param>
public sealed record CatalogSight(IReadOnlyDictionary<TableId, TableLook> Tables, ulong Position)
{
    /// <summary>The source's numbers of tables that were asked for and are not there any more.</summary>
    public IReadOnlySet<uint> Gone { get; init; } = new HashSet<uint>();
}

/// <summary>A chunk that was read.</summary>
/// <param name="Rows">Its rows; disposed by who asked for the chunk.</param>
public sealed record SnapshotChunk(ChunkFacts Facts, ChunkRows Rows);

/// <summary>The rows of a chunk, in the source's form.</summary>
public abstract class ChunkRows : IDisposable
{
    /// <summary>Steps to the next row; what it gave before is no longer valid.</summary>
    /// <param name="row">The bytes that the columns are slices of.</param>
    /// <param name="columns">The caller may change them.</param>
    public abstract bool TryRead(out ReadOnlySpan<byte> row, out Span<ColumnSlice> columns);

    public abstract void Dispose();
}

/// <summary>A whole table under one snapshot of the source, handed out piece by piece (Invariant 7).</summary>
public abstract class TableScan : IAsyncDisposable
{
    /// <summary>What the snapshot sees; its counts stay 0.</summary>
    public abstract ChunkFacts Facts { get; init; }

    /// <summary>Who has waited for long now because the table is being read; null for nobody.</summary>
    public abstract string? Waiter { get; }

    /// <summary>
    /// The next rows, at least one, disposed by the caller; null behind the last. Throws what the source's errors become; <c>CDC-2081</c>
    /// where the read ended for the sake of who waits: it is to start over.
    /// </summary>
    public abstract Task<ChunkRows?> ReadAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

/// <summary>How far the reading of a table is, for people.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="RowsRead">Rows published so far.</param>
/// <param name="RowsEstimated">About how many there are; 0: not known.</param>
/// <param name="StartedAt">When the reading began, also if that was before this process.</param>
/// <param name="Reason">Why it is read: <c>first</c>, <c>gap</c> or <c>recheck</c>.</param>
public sealed record TableSnapshotProgress(
    TableId Table, TableState State, long RowsRead, long RowsEstimated, DateTimeOffset? StartedAt, string Reason)
{
    /// <summary>The table has no key and is being read: the whole stream waits for it.</summary>
    public bool HoldsStream { get; init; }

    /// <summary>What it waits for: who keeps it locked, or who waits for its read; null for nothing.</summary>
    public string? Waits { get; init; }
}
