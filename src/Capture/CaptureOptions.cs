using Cdc.Capture.Postgres;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture;

/// <summary>One source and what is published of it.</summary>
public sealed record CaptureOptions
{
    /// <summary>The source's name: part of messages and metrics. Required.</summary>
    public required string Name { get; init; }

    /// <summary>First part of every topic's name. Default: empty, which means the source's name.</summary>
    public string TopicPrefix { get; init; } = "";

    /// <summary>The database. Required.</summary>
    public required PostgresOptions Postgres { get; init; }

    /// <summary>
    /// Patterns over <c>schema.table</c> (<c>*</c> stands for any characters, <c>!</c> excludes). Default: empty, all tables.
    /// </summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>How topics are spelled of tables that have none yet. Default: <c>escaped</c>.</summary>
    public TopicSpelling Naming { get; init; } = TopicSpelling.Escaped;

    /// <summary>Partitions of a new topic by pattern over the topic's name, first match wins. Default: 1 for all.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Partitions { get; init; } = [];

    /// <summary>
    /// The largest value of a column, in bytes of its text as the source sends it: of <c>bytea</c> that is two for each byte. Default:
    /// null, no bound. Allowed: 1 KiB to 1 GiB. A larger value stops its table before memory is taken for it. When you raise the bound
    /// and start again, the table is read again. Such a value is in memory several times on its way. If the bound is too small, tables
    /// stop for no reason.
    /// </summary>
    public long? MaxValueSizeBytes { get; init; }

    /// <summary>How tables are read that existed before capture.</summary>
    public SnapshotOptions Snapshot { get; init; } = new();

    /// <summary>How a failed table is tried again.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>How records are collected into appends.</summary>
    public AppendOptions Append { get; init; } = new();
}

/// <summary>When tables are read as a whole; the reading itself never blocks writers.</summary>
public enum SnapshotMode
{
    /// <summary>Changes only; rows from before are not read.</summary>
    Never,

    /// <summary>Each table is read once, beside the stream.</summary>
    Initial,

    /// <summary>Tables are read, then capture ends.</summary>
    Only,
}

/// <summary>How tables are read beside the stream.</summary>
public sealed record SnapshotOptions
{
    /// <summary>When tables are read. Default: <c>initial</c>.</summary>
    public SnapshotMode Mode { get; init; } = SnapshotMode.Initial;

    /// <summary>How many chunks are read at the same time. Default: 2. Allowed: 1 to 32. More chunks put more load on the source.</summary>
    public int Parallel { get; init; } = 2;

    /// <summary>
    /// About how many bytes one chunk holds. Default: 2 MiB. Allowed: 64 KiB to 256 MiB. Small chunks cost round trips, four each, which
    /// matters if the source is far away. Large chunks cost memory, about thirty times their size.
    /// </summary>
    public int ChunkBytes { get; init; } = 2 << 20;

    /// <summary>The most rows per second, over all tables. Default: 0, no limit.</summary>
    public int RowsPerSecond { get; init; }
}

/// <summary>How records are gathered into appends to the log.</summary>
public sealed record AppendOptions
{
    /// <summary>
    /// An append is closed at this many bytes of records. Default: 2 MiB. Allowed: 64 KiB to 64 MiB. Small appends cost one disk flush
    /// each, large appends cost memory.
    /// </summary>
    public int Bytes { get; init; } = 2 << 20;
}
