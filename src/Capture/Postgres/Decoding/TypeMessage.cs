using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>The name of a type that is not built in, ahead of a relation that uses it.</summary>
/// <param name="TypeId">The type's OID.</param>
/// <param name="Schema">The schema it is in.</param>
/// <param name="Name">The type's name.</param>
public sealed record TypeMessage(uint TypeId, string Schema, string Name)
{
    public static TypeMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Type);
        var message = new TypeMessage(cursor.ReadUInt32(), RelationMessage.SchemaOf(cursor.ReadString()), cursor.ReadString());
        cursor.End();
        return message;
    }
}
