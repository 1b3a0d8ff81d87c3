using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>The transaction came from elsewhere: a replication origin was set when it ran.</summary>
/// <param name="CommitLsn">Position of the commit at the origin.</param>
/// <param name="Name">The origin's name.</param>
public sealed record OriginMessage(Lsn CommitLsn, string Name)
{
    public static OriginMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Origin);
        var message = new OriginMessage(cursor.ReadLsn(), cursor.ReadString());
        cursor.End();
        return message;
    }
}
