using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>Relation, <c>K</c> or <c>O</c>, the old row.</summary>
internal static class DeleteMessage
{
    public static RowMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart, ref ColumnSlice[] oldSlices)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Delete);
        var relationId = cursor.ReadUInt32();
        var code = cursor.ReadByte();
        if (code is not ((byte)'K' or (byte)'O'))
            cursor.Fail($"the tuple code '0x{code:X2}', expected 'K' or 'O'");
        var old = cursor.ReadTuple(ref oldSlices);
        cursor.End();
        return new RowMessage(Operation.Delete, relationId, (OldImageKind)code, old, default);
    }
}
