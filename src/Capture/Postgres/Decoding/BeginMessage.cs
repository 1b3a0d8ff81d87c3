using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>The start of a transaction; in protocol 1 it is committed already.</summary>
/// <param name="FinalLsn">Position of the commit record.</param>
/// <param name="CommitTimeMicroseconds">Since 1970 UTC.</param>
/// <param name="Xid">The transaction's number.</param>
public readonly record struct BeginMessage(Lsn FinalLsn, long CommitTimeMicroseconds, uint Xid)
{
    public static BeginMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Begin);
        var message = new BeginMessage(cursor.ReadLsn(), cursor.ReadTime(), cursor.ReadUInt32());
        cursor.End();
        return message;
    }
}
