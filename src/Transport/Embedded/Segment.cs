using System.Collections.Immutable;

namespace Cdc.Transport.Embedded;

/// <summary>One file of the journal.</summary>
internal sealed class Segment(string path, SegmentHeader header)
{
    private ImmutableArray<long> headOffsets;

    public string Path { get; } = path;

    public SegmentHeader Header { get; } = header;

    public long Number => Header.Number;

    /// <summary>Bytes of a closed segment; of the newest one, those that are durable.</summary>
    public long Length { get; set; }

    /// <summary>A partition's next offset when this segment was begun; 0 for a partition that was made later.</summary>
    public long HeadOffsetOf(int partitionNumber)
    {
        var offsets = LoadHead();
        return partitionNumber < offsets.Length ? offsets[partitionNumber] : 0;
    }

    public void SetHeadOffsets(ReadOnlySpan<long> offsets) => headOffsets = [.. offsets];

    /// <summary>The head's offsets by partition number, read from the file when first asked for.</summary>
    public ImmutableArray<long> LoadHead()
    {
        if (!headOffsets.IsDefault)
            return headOffsets;
        using var reader = new SegmentReader(Path);
        var head = reader.ReadHeader(reader.FileLength);
        if (head.Kind is not GroupKind.Head || reader.Header != Header)
            throw JournalErrors.Damaged(Path, reader.Position, "the segment does not begin with its head");
        return headOffsets = JournalState.ReadHeadOffsets(reader.ReadTable(head));
    }
}
