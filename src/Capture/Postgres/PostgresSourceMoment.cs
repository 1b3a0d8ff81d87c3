namespace Cdc.Capture.Postgres;

/// <summary>What the block <c>source</c> tells of one event. The server's log positions are told as numbers.</summary>
public readonly ref struct PostgresSourceMoment
{
    /// <summary>UTF-8: <c>false</c> for a change, <c>incremental</c> for a row that was read.</summary>
    public required ReadOnlySpan<byte> Snapshot { get; init; }

    /// <summary>When the transaction was committed, or the row read, in microseconds since 1970.</summary>
    public required long CommittedAt { get; init; }

    /// <summary>The transaction's number; none for a row that was read.</summary>
    public long? TransactionId { get; init; }

    /// <summary>Where the change lies in the server's log; none for a row that was read.</summary>
    public long? Lsn { get; init; }

    /// <summary>Where the transaction before this one ended.</summary>
    public long? LastCommitLsn { get; init; }

    /// <summary>UTF-8: the replication origin, empty for none.</summary>
    public ReadOnlySpan<byte> Origin { get; init; }

    /// <summary>Where the change lay at its origin.</summary>
    public long? OriginLsn { get; init; }
}
