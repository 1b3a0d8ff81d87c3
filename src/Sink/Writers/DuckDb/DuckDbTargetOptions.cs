namespace Cdc.Sink.Writers.DuckDb;

/// <summary>One DuckDB database file as a target.</summary>
public sealed record DuckDbTargetOptions
{
    /// <summary>The database file; made where it is missing. Required.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// How long the file is left closed after a batch, so that others can open it. Default: 1 s. Allowed: 0 to 1 min. That much later
    /// changes arrive at most; full batches follow one another for 10 s before the file is left closed. Too short a time and readers find
    /// the file open elsewhere.
    /// </summary>
    public TimeSpan ClosedTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Memory DuckDB may take, in bytes. Default: null, 128 MiB, and more while a batch is written that needs more: eight times what the
    /// batch holds. Allowed: from 32 MiB. Too little makes large merges spill to disk, and stops a table whose values are too large for it.
    /// </summary>
    public long? MemoryLimitBytes { get; init; }
}
