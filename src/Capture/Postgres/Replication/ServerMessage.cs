namespace Cdc.Capture.Postgres.Replication;

/// <summary>One message of the server, for the slow paths; the body is valid until the next read.</summary>
internal readonly record struct ServerMessage(byte Type, ReadOnlyMemory<byte> Body);
