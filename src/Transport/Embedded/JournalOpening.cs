using System.Diagnostics.CodeAnalysis;

namespace Cdc.Transport.Embedded;

/// <summary>
/// Finds what a folder's journal holds. Only the newest segment is read whole; of the others the header and length are compared with what
/// their successor says about them. Nothing is changed before everything was found sound.
/// </summary>
internal sealed class JournalOpening
{
    private JournalOpening(List<Segment> segments, JournalState state)
    {
        Segments = segments;
        State = state;
    }

    /// <summary>Oldest first; the newest one's length is where its last valid group ends.</summary>
    public List<Segment> Segments { get; }

    public JournalState State { get; }

    /// <summary>The number of the last valid group.</summary>
    public long Sequence { get; private set; }

    /// <summary>Where the newest segment's head ends.</summary>
    public long HeadEnd { get; private set; }

    /// <summary>
    /// Where the groups begin that were written at once with the last one, after which nothing proves that they are durable.
    /// </summary>
    public long LastWriteStart { get; private set; }

    /// <summary>Bytes of an append that never ended, behind the last valid group.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Reads the journal of a folder, and how old it is; false where it has none yet.</summary>
    public static bool TryRead(JournalFolder folder, JournalAge age, [NotNullWhen(true)] out JournalOpening? opening)
    {
        opening = null;
        var segments = new List<Segment>();
        foreach (var number in folder.ListSegments())
            segments.Add(ReadSegment(folder.PathOf(number), number, segments.LastOrDefault()));
        if (segments.Count == 0)
            return false;
        using var reader = new SegmentReader(segments[^1].Path);
        var head = reader.ReadHeader(reader.FileLength);
        if (head.Kind is not GroupKind.Head || head.Sequence != reader.Header.FirstSequence)
            throw JournalErrors.Damaged(reader.Path, reader.Position, "the segment does not begin with its head");
        opening = new JournalOpening(segments, JournalState.ReadHead(reader.ReadTable(head)));
        segments[^1].SetHeadOffsets(opening.State.NextOffsets);
        age.Begin(reader.Header.CreatedMs, head.TimestampMs);
        opening.ReadNewest(reader, head, age);
        return true;
    }

    private static Segment ReadSegment(string path, long number, Segment? before)
    {
        using var reader = new SegmentReader(path);
        var header = reader.Header;
        if (header.Number != number)
            throw JournalErrors.Damaged(path, 0, FormattableString.Invariant($"its header says segment {header.Number}"));
        if (before is not null)
        {
            if (header.LogId != before.Header.LogId)
                throw JournalErrors.Damaged(path, 0, "it belongs to another log than the segment before it");
            if (header.PreviousLength != before.Length || header.FirstSequence <= before.Header.FirstSequence)
                throw JournalErrors.Damaged(path, 0, FormattableString.Invariant(
                    $"it continues a segment of {header.PreviousLength} bytes, the one before it has {before.Length}"));
        }

        return new Segment(path, header) { Length = reader.FileLength };
    }

    private void ReadNewest(SegmentReader reader, GroupHeader head, JournalAge age)
    {
        var limit = reader.FileLength;
        Sequence = head.Sequence;
        LastWriteStart = reader.Position;
        var lastDurable = head.DurableSequence;
        reader.Skip(head);
        HeadEnd = reader.Position;
        while (TryReadNext(reader, limit, out var header))
        {
            if (header.DurableSequence != lastDurable)
                (lastDurable, LastWriteStart) = (header.DurableSequence, reader.Position);
            Sequence = header.Sequence;
            age.See(header.TimestampMs);
            reader.Skip(header);
        }

        if (reader.Position < limit)
            RefuseDamage(reader, limit);
        TornBytes = limit - reader.Position;
        Segments[^1].Length = reader.Position;
    }

    private bool TryReadNext(SegmentReader reader, long limit, out GroupHeader header)
    {
        if (!reader.TryReadHeader(limit, out header))
            return false;
        reader.Require(header);
        if (header.Sequence != Sequence + 1 || header.Kind is not GroupKind.Append)
            throw JournalErrors.Damaged(reader.Path, reader.Position, FormattableString.Invariant(
                $"group {header.Sequence} was found where {Sequence + 1} belongs"));
        if (!reader.TryReadTable(header, out _) || !reader.HasValidRecords(header))
            return false;
        State.Apply(reader.ReadTable(header));
        return true;
    }

    /// <summary>
    /// The bytes at the reader's place are no whole group. They are the rest of an append that never ended, unless a later group was
    /// written when the one missing here was durable: then something was lost.
    /// </summary>
    private void RefuseDamage(SegmentReader reader, long limit)
    {
        for (var at = reader.Position; (at = reader.FindHeader(at, limit, out var later)) >= 0; at++)
        {
            if (later.DurableSequence > Sequence)
                throw JournalErrors.Damaged(reader.Path, reader.Position, FormattableString.Invariant(
                    $"group {Sequence + 1} is damaged, while group {later.Sequence} behind it, at byte {at}, is whole"));
        }
    }
}
