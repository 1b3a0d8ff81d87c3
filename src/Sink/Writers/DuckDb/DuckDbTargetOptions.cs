namespace Cdc.Sink.Writers.DuckDb;

/// <summary>One DuckDB database file as a target.</summary>
public sealed record DuckDbTargetOptions
{
    /// <summary>The database file; made where it is missing. Required.</summary>
    public required string Path { get; init; }

    /// <summary>Memory DuckDB may take, in bytes. Default: 128 MiB. Allowed: from 32 MiB. Too little makes large merges spill to disk.</summary>
    public long MemoryLimitBytes { get; init; } = 128 << 20;
}
