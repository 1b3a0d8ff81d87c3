namespace Cdc.Control.Status;

/// <summary>How one process is doing at one moment; made for every question and never changed.</summary>
public sealed record InstallationStatus
{
    /// <summary>The installation's name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The process' own id, which it writes beside its address: so whoever asks there knows whether it is the one meant. Empty where it
    /// writes none.
    /// </summary>
    public string Instance { get; init; } = "";

    /// <summary>When the process began, UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>What the log takes on disk; null where it is not on this machine.</summary>
    public long? LogBytes { get; init; }

    public IReadOnlyList<SourceStatus> Sources { get; init; } = [];

    public IReadOnlyList<SinkStatus> Sinks { get; init; } = [];
}

/// <summary>What a role (the capture of a source, or a sink) is doing.</summary>
public enum RoleState
{
    /// <summary>Connecting, or looking for where to continue.</summary>
    Starting,

    /// <summary>Working, or waiting for work.</summary>
    Running,

    /// <summary>An error that passes is waited out.</summary>
    Retrying,

    /// <summary>Ended as asked.</summary>
    Ended,

    /// <summary>Ended by an error that does not pass.</summary>
    Failed,
}

/// <summary>What the capture of a source is at.</summary>
public enum SourceActivity
{
    /// <summary>It looks at the source and for where to continue.</summary>
    Connecting,

    /// <summary>Another process has the slot; this one takes over when it goes.</summary>
    WaitingForSlot,

    /// <summary>It streams, and reads tables that were there before.</summary>
    ReadingTables,

    /// <summary>It streams.</summary>
    Streaming,

    /// <summary>An error that passes is waited out.</summary>
    Retrying,

    /// <summary>It ended as asked.</summary>
    Ended,

    /// <summary>It ended by an error that does not pass.</summary>
    Failed,
}

/// <summary>How far a table of a source is.</summary>
public enum TablePhase
{
    /// <summary>Its rows are to be read.</summary>
    Waiting,

    /// <summary>Its rows are being read, beside the stream.</summary>
    Reading,

    /// <summary>Its rows are read; changes follow.</summary>
    Streaming,

    /// <summary>A step of reading it failed and is tried again; its changes continue.</summary>
    Retrying,

    /// <summary>It was stopped alone; a re-read is needed.</summary>
    Stopped,

    /// <summary>The source no longer has it, which is no fault.</summary>
    Gone,
}

/// <summary>An error as it is shown.</summary>
/// <param name="Code"><c>CDC-</c> and four digits.</param>
/// <param name="Text">What was found; never a row's value or a secret (Invariant 8).</param>
/// <param name="Remedy">What to do about it; empty where nobody knows.</param>
public sealed record StatusError(string Code, string Text, string Remedy = "");

/// <summary>Something that a source's settings keep from the targets, though nothing fails.</summary>
/// <param name="Text">What it is.</param>
/// <param name="Remedy">What to do about it; empty where it is as somebody wanted it.</param>
public sealed record StatusWarning(string Text, string Remedy = "");

/// <summary>One source.</summary>
public sealed record SourceStatus
{
    public required string Name { get; init; }

    public required RoleState State { get; init; }

    /// <summary>What it is at, in more detail.</summary>
    public SourceActivity Activity { get; init; }

    /// <summary>The replication slot.</summary>
    public string Slot { get; init; } = "";

    /// <summary>Whether the server has the slot; null where unknown.</summary>
    public bool? HasSlot { get; init; }

    /// <summary>
    /// Whether the server still keeps all the slot needs, in its own word (<c>reserved</c>, <c>lost</c>); null where unknown.
    /// </summary>
    public string? SlotState { get; init; }

    /// <summary>Bytes of log that the source keeps on its disk for the slot; null where unknown.</summary>
    public long? RetainedBytes { get; init; }

    /// <summary>When a message was last written into the source, so that an idle one moves on; null where none was.</summary>
    public DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>Bytes of the source's log after the position that was made durable here; null where unknown.</summary>
    public long? LagBytes { get; init; }

    /// <summary>
    /// Since how many seconds something of the source is not durable here, 0 where nothing is outstanding; null where unknown.
    /// </summary>
    public double? LagSeconds { get; init; }

    /// <summary>The durable position as its source writes it.</summary>
    public string Position { get; init; } = "";

    /// <summary>Records appended since the process began.</summary>
    public long Records { get; init; }

    /// <summary>Over about the last ten seconds; null where unknown.</summary>
    public double? RecordsPerSecond { get; init; }

    /// <summary>What holds the source up; null where nothing does.</summary>
    public StatusError? Error { get; init; }

    /// <summary>What is left out, as of the last look at the publication.</summary>
    public IReadOnlyList<StatusWarning> Warnings { get; init; } = [];

    public IReadOnlyList<SourceTableStatus> Tables { get; init; } = [];
}

/// <summary>One table of a source.</summary>
public sealed record SourceTableStatus
{
    /// <summary><c>schema.table</c>.</summary>
    public required string Table { get; init; }

    public required string Topic { get; init; }

    public required TablePhase State { get; init; }

    /// <summary>Why its rows are or were read: <c>first</c>, or <c>repair</c> when they are read again; empty where unknown.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Rows read by the snapshot so far.</summary>
    public long RowsRead { get; init; }

    /// <summary>Rows the snapshot has to read, as the source estimates them; null where unknown.</summary>
    public long? RowsEstimated { get; init; }

    public double? RowsPerSecond { get; init; }

    /// <summary>The table has no key and is being read: the whole stream of its source waits until that is done.</summary>
    public bool HoldsStream { get; init; }

    /// <summary>What it waits for: who keeps the table locked, or who waits because it is being read; null for nothing.</summary>
    public string? Waits { get; init; }

    /// <summary>About how long the snapshot still takes; null where unknown.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Changes that were not published since the process began, because the table was stopped or gone.</summary>
    public long ChangesLeftOut { get; init; }

    /// <summary>When what failed is tried again by itself; null where nothing failed, or somebody has to do something first.</summary>
    public DateTimeOffset? NextTry { get; init; }

    public StatusError? Error { get; init; }
}

/// <summary>One sink.</summary>
public sealed record SinkStatus
{
    public required string Name { get; init; }

    /// <summary>What it writes to, such as <c>duckdb ./warehouse.duckdb</c>; no secrets.</summary>
    public required string Target { get; init; }

    public required RoleState State { get; init; }

    /// <summary>
    /// Since how many seconds something of the log is not applied, 0 where nothing waits; null where unknown. Stopped tables do not count.
    /// </summary>
    public double? LagSeconds { get; init; }

    /// <summary>Records of the log that are not applied; null where unknown. Stopped tables do not count.</summary>
    public long? LagRecords { get; init; }

    /// <summary>Changes applied a second, over about the last ten; null where unknown.</summary>
    public double? ChangesPerSecond { get; init; }

    /// <summary>What holds the sink up; null where nothing does.</summary>
    public StatusError? Error { get; init; }

    public IReadOnlyList<SinkTableStatus> Tables { get; init; } = [];
}

/// <summary>One table of a sink.</summary>
public sealed record SinkTableStatus
{
    public required string Topic { get; init; }

    /// <summary>The target's table.</summary>
    public required string Table { get; init; }

    /// <summary>Changes applied since the table was begun.</summary>
    public long AppliedRows { get; init; }

    /// <summary>Over about the last ten seconds; null where unknown.</summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>Records of the topic that are not applied yet, over all partitions.</summary>
    public long OffsetLag { get; init; }

    /// <summary>When the target last committed rows of the table, UTC; null where it did not since the process began.</summary>
    public DateTimeOffset? LastCommit { get; init; }

    /// <summary>When what failed is tried again by itself; null where nothing failed, or somebody has to do something first.</summary>
    public DateTimeOffset? NextTry { get; init; }

    public StatusError? Error { get; init; }
}
