using System.Buffers.Binary;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>Reads the body of a CopyData message of the stream.</summary>
internal static class FrameParser
{
    /// <summary>What a frame with a piece of the log begins with.</summary>
    public const byte XLogData = (byte)'w';

    /// <summary>Before the plugin's message.</summary>
    public const int XLogHeaderBytes = 25;

    private const int KeepaliveBytes = 18;

    public static ReplicationFrame Parse(ReadOnlySpan<byte> body)
    {
        if (body.Length >= XLogHeaderBytes && body[0] == XLogData)
            return new ReplicationFrame(FrameKind.XLogData, Position(body[1..]), Position(body[9..]), Time(body[17..], body[1..]), false,
                body[XLogHeaderBytes..]);
        if (body.Length == KeepaliveBytes && body[0] == (byte)'k' && body[17] <= 1)
            return new ReplicationFrame(FrameKind.Keepalive, Position(body[1..]), Position(body[1..]), Time(body[9..], body[1..]),
                body[17] == 1, default);
        throw Malformed(body);
    }

    private static Lsn Position(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    private static long Time(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> position) =>
        ServerTime.TryToUnixMicroseconds(BinaryPrimitives.ReadInt64BigEndian(bytes), out var time)
            ? time
            : throw new CdcException(ErrorCodes.SourceProtocolViolation,
                $"Reading the stream at '{Position(position)}' found a time beyond what 64 bits hold.");

    // Invariant 4: a frame that is not known stops the stream.
    private static CdcException Malformed(ReadOnlySpan<byte> body) => new(ErrorCodes.SourceProtocolViolation,
        $"Reading the stream found a frame of type '0x{(body.IsEmpty ? 0 : body[0]):X2}' and '{body.Length}' bytes, expected XLogData or " +
        "a keepalive.");
}
