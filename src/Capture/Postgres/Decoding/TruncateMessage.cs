using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>What a TRUNCATE was asked to do besides.</summary>
[Flags]
public enum TruncateOptions : byte
{
    None = 0,
    Cascade = 1,
    RestartIdentity = 2,
}

/// <summary>Tables that were emptied together.</summary>
/// <param name="Options">As the statement had them.</param>
/// <param name="RelationIds">OIDs of the published tables among them.</param>
public sealed record TruncateMessage(TruncateOptions Options, IReadOnlyList<uint> RelationIds)
{
    public static TruncateMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Truncate);
        var count = cursor.ReadInt32();
        var options = (TruncateOptions)cursor.ReadByte();
        if ((options & ~(TruncateOptions.Cascade | TruncateOptions.RestartIdentity)) != TruncateOptions.None)
            cursor.Fail($"the options '0x{(byte)options:X2}', of which only '1' and '2' are known");
        var relations = new uint[cursor.Counted(count, sizeof(uint))];
        for (var i = 0; i < relations.Length; i++)
            relations[i] = cursor.ReadUInt32();
        cursor.End();
        return new TruncateMessage(options, relations);
    }
}
