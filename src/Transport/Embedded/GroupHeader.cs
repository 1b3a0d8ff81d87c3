using System.Buffers.Binary;
using Cdc.Contracts.Buffers;

namespace Cdc.Transport.Embedded;

internal enum GroupKind : byte
{
    /// <summary>The first group of a segment: everything that older segments may have to be forgotten for.</summary>
    Head = 1,

    /// <summary>What one writer appended: records, checkpoint entries, a new topic.</summary>
    Append = 2,
}

/// <summary>
/// The fixed start of a group, little-endian: magic (4 bytes), kind (1), codec (1), zero (2), sequence (8), durable sequence (8),
/// milliseconds since 1970 UTC (8), table length (4), records length (4), table checksum (4), records checksum (4), header checksum (4).
/// The header's checksum is seeded with the log's id and the segment's number, so bytes of another file are never taken for a group,
/// and it lets lengths be believed before anything is allocated for them.
/// </summary>
internal readonly record struct GroupHeader
{
    public const int Size = 52;

    /// <summary>The only codec there is: bytes as they are.</summary>
    public const byte NoCodec = 0;

    private const int ChecksumAt = 48;

    public static ReadOnlySpan<byte> Magic => "CDCg"u8;

    public required GroupKind Kind { get; init; }

    public required byte Codec { get; init; }

    /// <summary>Counts groups through all segments, from 1, without a gap.</summary>
    public required long Sequence { get; init; }

    /// <summary>The last group that was known to be durable when this one was written.</summary>
    public required long DurableSequence { get; init; }

    public required long TimestampMs { get; init; }

    public required int TableLength { get; init; }

    public required int RecordsLength { get; init; }

    public required uint TableCrc { get; init; }

    public required uint RecordsCrc { get; init; }

    /// <summary>Bytes of the whole group.</summary>
    public long Length => Size + (long)TableLength + RecordsLength;

    public void Write(Span<byte> target, uint seed)
    {
        Magic.CopyTo(target);
        target[4] = (byte)Kind;
        target[5] = Codec;
        BinaryPrimitives.WriteInt16LittleEndian(target[6..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], DurableSequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], TimestampMs);
        BinaryPrimitives.WriteInt32LittleEndian(target[32..], TableLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[36..], RecordsLength);
        BinaryPrimitives.WriteUInt32LittleEndian(target[40..], TableCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(target[44..], RecordsCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumAt..], Crc32C.Append(seed, target[..ChecksumAt]));
    }

    /// <summary>False where the bytes are no header of this segment.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, uint seed, out GroupHeader header)
    {
        header = default;
        if (source.Length < Size || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]) != Crc32C.Append(seed, source[..ChecksumAt]))
            return false;
        header = new GroupHeader
        {
            Kind = (GroupKind)source[4],
            Codec = source[5],
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            DurableSequence = BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            TimestampMs = BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            TableLength = BinaryPrimitives.ReadInt32LittleEndian(source[32..]),
            RecordsLength = BinaryPrimitives.ReadInt32LittleEndian(source[36..]),
            TableCrc = BinaryPrimitives.ReadUInt32LittleEndian(source[40..]),
            RecordsCrc = BinaryPrimitives.ReadUInt32LittleEndian(source[44..]),
        };
        return header is { TableLength: >= 0, RecordsLength: >= 0 };
    }
}
