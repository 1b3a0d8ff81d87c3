using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>A slot that streams to us, and the log's writer that is ours: both sides of a session are held.</summary>
/// <param name="Connection">Streaming already.</param>
/// <param name="Writer">The prefix's writer.</param>
/// <param name="Position">What is durable.</param>
/// <param name="Confirmed">Where the slot's stream begins.</param>
/// <param name="SenderTimeout">The server's patience with a silent client; zero: endless.</param>
/// <param name="IsNew">It was made just now, when all transactions had ended that ran before the publication was ready.</param>
public sealed record OpenedSlot(
    ReplicationConnection Connection, ITopicLogWriter Writer, PostgresPosition Position, Lsn Confirmed, TimeSpan SenderTimeout, bool IsNew);
