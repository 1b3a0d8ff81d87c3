using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>Relation, <c>N</c>, the new row.</summary>
internal static class InsertMessage
{
    public static RowMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart, ref ColumnSlice[] newSlices)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Insert);
        var relationId = cursor.ReadUInt32();
        var code = cursor.ReadByte();
        if (code != (byte)'N')
            cursor.Fail($"the tuple code '0x{code:X2}', expected 'N'");
        var row = cursor.ReadTuple(ref newSlices);
        cursor.End();
        return new RowMessage(Operation.Create, relationId, OldImageKind.None, default, row);
    }
}
