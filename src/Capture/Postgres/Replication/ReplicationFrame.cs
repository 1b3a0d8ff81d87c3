namespace Cdc.Capture.Postgres.Replication;

/// <summary>What the server put into one CopyData message of the stream.</summary>
public enum FrameKind
{
    /// <summary>A piece of the log: the payload is one message of the output plugin.</summary>
    XLogData,

    /// <summary>A sign of life without payload.</summary>
    Keepalive,
}

/// <summary>
/// One frame of the stream, in place: valid until the next <see cref="ReplicationConnection.FillAsync"/> (protocol chapter "Streaming
/// Replication Protocol", messages XLogData and Primary keepalive, PostgreSQL 14 to 18).
/// </summary>
/// <param name="kind">Which of the two it is.</param>
/// <param name="walStart">
/// Where the payload lies in the log, <c>0/0</c> where the plugin names none; of a keepalive the same as <paramref name="walEnd"/>.
/// </param>
/// <param name="walEnd">The end of the log at the server when it sent the frame.</param>
/// <param name="serverTime">The server's clock then, microseconds since 1970 UTC.</param>
/// <param name="replyRequested">Whether the server wants a status at once, else it may drop the connection; of keepalives only.</param>
/// <param name="payload">The plugin's message; empty in a keepalive.</param>
public readonly ref struct ReplicationFrame(
    FrameKind kind, Lsn walStart, Lsn walEnd, long serverTime, bool replyRequested, ReadOnlySpan<byte> payload)
{
    public FrameKind Kind { get; } = kind;

    public Lsn WalStart { get; } = walStart;

    public Lsn WalEnd { get; } = walEnd;

    public long ServerTimeMicroseconds { get; } = serverTime;

    public bool ReplyRequested { get; } = replyRequested;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Why the payload is only the start of the plugin's message; null where it is all of it.</summary>
    internal CutMessage? Cut { get; init; }
}
