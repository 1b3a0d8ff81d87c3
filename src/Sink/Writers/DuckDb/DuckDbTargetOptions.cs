namespace Cdc.Sink.Writers.DuckDb;

/// <summary>One DuckDB database file as a target.</summary>
public sealed record DuckDbTargetOptions
{
    /// <summary>The database file. It is created if it is missing. Required.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// How long the file stays closed after a batch, so that other programs can open it. Default: 1 s. Allowed: 0 to 1 min. Changes
    /// arrive later by at most this time. Full batches follow one another for 10 s before the file is closed. If it is too short, readers
    /// find the file open.
    /// </summary>
    public TimeSpan ClosedTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Memory that DuckDB may take, in bytes. Default: null, which means 128 MiB, or what a batch needs where that is more: eight times
    /// its size and four times the file's log. Allowed: from 32 MiB. While DuckDB opens a file whose log is large (up to 32 MiB), it
    /// takes more: four times the log. If the limit is too small, large merges spill to disk, and a table with values too large for it
    /// stops.
    /// </summary>
    public long? MemoryLimitBytes { get; init; }
}
