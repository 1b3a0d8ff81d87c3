using Cdc.Contracts.Buffers;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// A message of the stream with a value that is not taken: its begin is kept, and of the rest, as it comes, the checksum alone
/// (Invariant 7). The checksum is that of the whole, for a stream that comes again proves itself by it (Invariant 6).
/// </summary>
internal sealed class CutMessage
{
    /// <summary>The frame's header, and of the plugin's message what says of which table it is.</summary>
    private const int KeptBytes = FrameParser.XLogHeaderBytes + 6;

    private readonly byte[] begin;
    private long left;

    private CutMessage(ReadOnlySpan<byte> part, int length, LargeValue value)
    {
        Value = value;
        begin = part[..KeptBytes].ToArray();
        left = length - part.Length;
        Checksum = Crc32C.Of(part[FrameParser.XLogHeaderBytes..]);
    }

    /// <summary>What it was cut for.</summary>
    public LargeValue Value { get; }

    /// <summary>Of the whole message of the plugin, once all of it has come.</summary>
    public uint Checksum { get; private set; }

    public bool IsComplete => left == 0;

    /// <summary>The body's begin.</summary>
    public ReadOnlySpan<byte> Begin => begin;

    /// <summary>Begins where a value that is too large is in what has come of a message's body; null else.</summary>
    public static CutMessage? TryBegin(ReadOnlySpan<byte> part, int length, LargeValueSearch search)
    {
        if (part.Length < KeptBytes || part[0] != FrameParser.XLogData)
            return null;
        return search(part[FrameParser.XLogHeaderBytes..], length - FrameParser.XLogHeaderBytes) is { } found
            ? new CutMessage(part, length, found) : null;
    }

    /// <summary>Takes what came; answers how many bytes of it are the message's.</summary>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        var taken = (int)Math.Min(left, bytes.Length);
        Checksum = Crc32C.Append(Checksum, bytes[..taken]);
        left -= taken;
        return taken;
    }
}
