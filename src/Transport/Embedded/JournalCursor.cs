namespace Cdc.Transport.Embedded;

/// <summary>A place that moves through the journal group by group, across segments. Not safe for several threads.</summary>
internal sealed class JournalCursor(JournalPlace start) : IDisposable
{
    private long position = start.Position;
    private long sequence = -1;
    private SegmentReader? reader;

    public long SegmentNumber { get; private set; } = start.Segment.Number;

    /// <summary>The segment's file, with its position at the group that <see cref="TryFind"/> found.</summary>
    public SegmentReader Reader => reader!;

    /// <summary>The next group that is durable; false at the end. <see cref="Pass"/> continues behind it.</summary>
    public bool TryFind(in DurableEnd end, out GroupHeader header)
    {
        header = default;
        while (true)
        {
            var index = (int)(SegmentNumber - end.Oldest.Number);
            var isNewest = index == end.Segments.Length - 1;
            var limit = isNewest ? end.Position : end.Segments[index].Length;
            if (position < limit)
            {
                header = ReadHeader(end.Segments[index], limit);
                return true;
            }

            if (isNewest)
                return false;
            MoveTo(end.Segments[index + 1]);
        }
    }

    public void Pass(in GroupHeader header)
    {
        Reader.Skip(header);
        (position, sequence) = (Reader.Position, header.Sequence);
    }

    /// <summary>Continues at the start of a segment that need not be the next one.</summary>
    public void JumpTo(Segment segment)
    {
        MoveTo(segment);
        sequence = -1;
    }

    public void Dispose() => reader?.Dispose();

    private void MoveTo(Segment segment)
    {
        reader?.Dispose();
        reader = null;
        (SegmentNumber, position) = (segment.Number, SegmentHeader.Size);
    }

    private GroupHeader ReadHeader(Segment segment, long limit)
    {
        reader ??= Open(segment);
        var header = reader.ReadHeader(limit);
        if (sequence >= 0 && header.Sequence != sequence + 1)
            throw JournalErrors.Damaged(reader.Path, position,
                FormattableString.Invariant($"group {header.Sequence} follows group {sequence}"));
        if (header.Kind is GroupKind.Head != (position == SegmentHeader.Size))
            throw JournalErrors.Damaged(reader.Path, position, "a head is not at a segment's beginning");
        return header;
    }

    private SegmentReader Open(Segment segment)
    {
        var opened = new SegmentReader(segment.Path) { Position = position };
        if (opened.Header == segment.Header)
            return opened;
        opened.Dispose();
        throw JournalErrors.Damaged(segment.Path, 0, "its header is not the one found at opening");
    }
}
