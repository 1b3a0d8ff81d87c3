using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>A message that someone wrote into the log by <c>pg_logical_emit_message</c>; valid as long as its frame.</summary>
public readonly ref struct LogicalMessage
{
    private LogicalMessage(bool isTransactional, Lsn lsn, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> content)
    {
        IsTransactional = isTransactional;
        Lsn = lsn;
        Prefix = prefix;
        Content = content;
    }

    /// <summary>
    /// Whether it belongs to the transaction around it; otherwise it came by itself, also of a transaction that was rolled back.
    /// </summary>
    public bool IsTransactional { get; }

    /// <summary>Where it lies in the log.</summary>
    public Lsn Lsn { get; }

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Prefix { get; }

    public ReadOnlySpan<byte> Content { get; }

    public static LogicalMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.LogicalMessage);
        var flags = cursor.ReadByte();
        if (flags > 1)
            cursor.Fail($"the flags '0x{flags:X2}', of which only '1' is known");
        var message = new LogicalMessage(flags == 1, cursor.ReadLsn(), cursor.ReadText(), cursor.Take(cursor.ReadInt32()));
        cursor.End();
        return message;
    }
}
