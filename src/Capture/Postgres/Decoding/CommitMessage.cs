using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>The end of a transaction.</summary>
/// <param name="CommitLsn">Position of the commit record; the one that the transaction started with as its final LSN.</param>
/// <param name="EndLsn">End of the transaction: what is confirmed once all of it is durable.</param>
/// <param name="CommitTimeMicroseconds">Since 1970 UTC.</param>
public readonly record struct CommitMessage(Lsn CommitLsn, Lsn EndLsn, long CommitTimeMicroseconds)
{
    public static CommitMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Commit);
        var flags = cursor.ReadByte();
        if (flags != 0)
            cursor.Fail($"the flags '0x{flags:X2}', of which none is known");
        var message = new CommitMessage(cursor.ReadLsn(), cursor.ReadLsn(), cursor.ReadTime());
        cursor.End();
        return message;
    }
}
