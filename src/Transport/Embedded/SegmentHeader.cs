using System.Buffers.Binary;
using Cdc.Contracts.Buffers;

namespace Cdc.Transport.Embedded;

/// <summary>
/// The start of a segment file, little-endian: magic (8 bytes), format version (4), log id (16), segment number (8), sequence of its
/// first group (8), length of the segment before (8, zero for the first), milliseconds since 1970 by <see cref="JournalAge"/> (8), checksum
/// (4).
/// </summary>
internal readonly record struct SegmentHeader(Guid LogId, long Number, long FirstSequence, long PreviousLength, long CreatedMs)
{
    public const int Size = 64;
    public const int FormatVersion = 1;

    private const int ChecksumAt = 60;

    public static ReadOnlySpan<byte> Magic => "CDCjrnl\n"u8;

    /// <summary>What the checksums of this segment's group headers begin with.</summary>
    public uint Seed
    {
        get
        {
            Span<byte> identity = stackalloc byte[24];
            LogId.TryWriteBytes(identity);
            BinaryPrimitives.WriteInt64LittleEndian(identity[16..], Number);
            return Crc32C.Of(identity);
        }
    }

    public void Write(Span<byte> target)
    {
        Magic.CopyTo(target);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], FormatVersion);
        LogId.TryWriteBytes(target[12..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[28..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(target[36..], FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[44..], PreviousLength);
        BinaryPrimitives.WriteInt64LittleEndian(target[52..], CreatedMs);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumAt..], Crc32C.Of(target[..ChecksumAt]));
    }

    /// <summary>Reads a header; <c>CDC-3004</c> where it is none, <c>CDC-3005</c> where its format is of another version.</summary>
    public static SegmentHeader Read(ReadOnlySpan<byte> source, string path)
    {
        if (source.Length < Size || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]) != Crc32C.Of(source[..ChecksumAt]))
            throw JournalErrors.Damaged(path, 0, "its header is not a segment's");
        var version = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        if (version != FormatVersion)
            throw JournalErrors.FormatUnknown(path, 0, $"format version {version}, not {FormatVersion}");
        return new SegmentHeader(
            new Guid(source.Slice(12, 16)),
            BinaryPrimitives.ReadInt64LittleEndian(source[28..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[36..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[44..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[52..]));
    }
}
