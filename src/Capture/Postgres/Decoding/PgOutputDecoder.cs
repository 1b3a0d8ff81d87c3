using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>
/// Decodes pgoutput, protocol 1. <see cref="KindOf"/> says which message a payload is; then the message's own type decodes it
/// (<see cref="BeginMessage.Decode"/> and so on), and <see cref="DecodeRow"/> all three kinds of row. Rows cost no allocation: their slices
/// are the decoder's and used again for the next row. Whatever is not understood throws <c>CDC-2010</c> with position and code (Invariant
/// 4).
/// </summary>
public sealed class PgOutputDecoder
{
    private ColumnSlice[] oldSlices = new ColumnSlice[32];
    private ColumnSlice[] newSlices = new ColumnSlice[32];

    public static MessageKind KindOf(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var kind = payload.IsEmpty ? default : (MessageKind)payload[0];
        return kind switch
        {
            MessageKind.Begin or MessageKind.Commit or MessageKind.Origin or MessageKind.Relation or MessageKind.Type or MessageKind.Insert
                or MessageKind.Update or MessageKind.Delete or MessageKind.Truncate or MessageKind.LogicalMessage => kind,
            _ => throw Malformed(payload, walStart, "a code that is not known"),
        };
    }

    /// <summary>Decodes an insert, update or delete; the row is valid until the next one and as long as its payload.</summary>
    public RowMessage DecodeRow(ReadOnlySpan<byte> payload, Lsn walStart) => KindOf(payload, walStart) switch
    {
        MessageKind.Insert => InsertMessage.Decode(payload, walStart, ref newSlices),
        MessageKind.Update => UpdateMessage.Decode(payload, walStart, ref oldSlices, ref newSlices),
        MessageKind.Delete => DeleteMessage.Decode(payload, walStart, ref oldSlices),
        _ => throw Malformed(payload, walStart, "no row"),
    };

    internal static CdcException Malformed(
        ReadOnlySpan<byte> payload, Lsn walStart, string found) => new(ErrorCodes.SourceProtocolViolation,
        $"Decoding a pgoutput message with code '0x{(payload.IsEmpty ? 0 : payload[0]):X2}' and '{payload.Length}' bytes " +
        $"at '{walStart}' found {found}.");
}
