using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>Relation, optionally <c>K</c> or <c>O</c> and the old row, then <c>N</c> and the new row.</summary>
internal static class UpdateMessage
{
    public static RowMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart, ref ColumnSlice[] oldSlices, ref ColumnSlice[] newSlices)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Update);
        var relationId = cursor.ReadUInt32();
        var code = cursor.ReadByte();
        var oldKind = OldImageKind.None;
        RowImage old = default;
        if (code is (byte)'K' or (byte)'O')
        {
            oldKind = (OldImageKind)code;
            old = cursor.ReadTuple(ref oldSlices);
            code = cursor.ReadByte();
        }

        if (code != (byte)'N')
            cursor.Fail($"the tuple code '0x{code:X2}', expected 'N'");
        var row = cursor.ReadTuple(ref newSlices);
        cursor.End();
        return new RowMessage(Operation.Update, relationId, oldKind, old, row);
    }
}
