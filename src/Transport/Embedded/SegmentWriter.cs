using Cdc.Contracts.Buffers;

namespace Cdc.Transport.Embedded;

/// <summary>Writes the newest segment. Groups are gathered by <see cref="Add"/> and go to the file in one write and one flush.</summary>
internal sealed class SegmentWriter : IDisposable
{
    /// <summary>
    /// So much behind the end stays in the system's memory for readers that are close; what is older gives way, so that a journal that is
    /// written fast does not push everything else out of it, and writes meet memory that is in use already.
    /// </summary>
    private const int CachedBytes = 32 << 20;

    private const int UncachedAtOnce = 4 << 20;

    private readonly IJournalStorage storage;
    private readonly FileStream file;
    private readonly uint seed;
    private readonly PooledBuffer tables = new();
    private readonly List<(int TableEnd, ReadOnlyMemory<byte> Records)> gathered = [];
    private readonly List<ReadOnlyMemory<byte>> parts = [];
    private long gatheredRecordBytes;
    private long uncached;

    private SegmentWriter(IJournalStorage storage, FileStream file, uint seed, long position, long sequence)
    {
        this.storage = storage;
        this.file = file;
        this.seed = seed;
        (Position, Sequence, DurableSequence) = (position, sequence, sequence);
    }

    /// <summary>The end of the groups that are durable.</summary>
    public long Position { get; private set; }

    /// <summary>The number of the last group added.</summary>
    public long Sequence { get; private set; }

    public long DurableSequence { get; private set; }

    public long GatheredBytes => tables.Length + gatheredRecordBytes;

    /// <summary>Where the groups behind the head begin.</summary>
    public long HeadEnd { get; private set; }

    /// <summary>Continues behind the last valid group of a segment that exists.</summary>
    public static SegmentWriter Continue(IJournalStorage storage, Segment segment, long headEnd, long sequence) =>
        new(storage, DiskStorage.Open(segment.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete),
            segment.Header.Seed,
            segment.Length, sequence) { HeadEnd = headEnd };

    /// <summary>
    /// Makes a segment with its head, of this date. It gets its name only when its bytes are durable: a file with a segment's name always
    /// has a whole head.
    /// </summary>
    public static SegmentWriter Create(IJournalStorage storage, string path, SegmentHeader header, JournalState state, long nowMs)
    {
        var unfinished = path + JournalFolder.UnfinishedEnding;
        File.Delete(unfinished);
        var opened = DiskStorage.Open(unfinished, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var writer = new SegmentWriter(storage, opened, header.Seed, 0, header.FirstSequence - 1);
        try
        {
            header.Write(writer.tables.GetSpan(SegmentHeader.Size));
            writer.tables.Advance(SegmentHeader.Size);
            var table = writer.Begin();
            state.WriteHead(table);
            writer.End(GroupKind.Head, nowMs, default, SegmentHeader.Size);
            writer.Flush();
            writer.HeadEnd = writer.Position;
            File.Move(unfinished, path);
            storage.FlushFolder(Path.GetDirectoryName(path)!);
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Where the table of the next group is written; <see cref="Add"/> follows.</summary>
    public PooledBuffer Begin()
    {
        tables.GetSpan(GroupHeader.Size);
        tables.Advance(GroupHeader.Size);
        return tables;
    }

    /// <summary>
    /// Ends a group: its table was written since <see cref="Begin"/>. The records stay where they are until <see cref="Flush"/>.
    /// </summary>
    public void Add(GroupKind kind, long timestampMs, ReadOnlyMemory<byte> records) =>
        End(kind, timestampMs, records, gathered.Count == 0 ? 0 : gathered[^1].TableEnd);

    /// <summary>Takes back a table that was begun.</summary>
    public void Cancel() => tables.Truncate(gathered.Count == 0 ? 0 : gathered[^1].TableEnd);

    /// <summary>
    /// Writes what was gathered and returns when it is durable. Never called again after it failed: what the file holds then is unknown.
    /// </summary>
    public void Flush()
    {
        if (gathered.Count == 0)
            return;
        var start = 0;
        foreach (var (end, records) in gathered)
        {
            parts.Add(tables.WrittenMemory[start..end]);
            if (!records.IsEmpty)
                parts.Add(records);
            start = end;
        }

        storage.Write(file.SafeFileHandle, parts, Position);
        storage.Flush(file.SafeFileHandle);
        Position += GatheredBytes;
        DurableSequence = Sequence;
        Uncache(Position - CachedBytes);
        gatheredRecordBytes = 0;
        parts.Clear();
        gathered.Clear();
        tables.Clear(keepBytes: 1 << 20);
    }

    /// <summary>Cuts the file off behind its last valid group.</summary>
    public void CutTail()
    {
        RandomAccess.SetLength(file.SafeFileHandle, Position);
        storage.Flush(file.SafeFileHandle);
    }

    /// <summary>
    /// Writes bytes of the file again, as they are, and flushes them. After a flush that failed the system may answer reads from memory
    /// with what never reached the disk, and a second flush of the same pages would succeed without writing them.
    /// </summary>
    public void WriteAgain(long from)
    {
        var part = new byte[1 << 20];
        for (var at = from; at < Position;)
        {
            var read = RandomAccess.Read(file.SafeFileHandle, part.AsSpan(0, (int)Math.Min(part.Length, Position - at)), at);
            if (read == 0)
                throw new EndOfStreamException($"The file '{file.Name}' became shorter while it was read.");
            storage.Write(file.SafeFileHandle, [part.AsMemory(0, read)], at);
            at += read;
        }

        storage.Flush(file.SafeFileHandle);
    }

    public void Dispose()
    {
        Uncache(Position);
        file.Dispose();
        tables.Dispose();
    }

    private void Uncache(long before)
    {
        if (before < uncached + UncachedAtOnce)
            return;
        storage.Uncache(file.SafeFileHandle, before);
        uncached = before;
    }

    private void End(GroupKind kind, long timestampMs, ReadOnlyMemory<byte> records, int start)
    {
        var table = tables.WrittenSpan[(start + GroupHeader.Size)..];
        var header = new GroupHeader
        {
            Kind = kind,
            Codec = GroupHeader.NoCodec,
            Sequence = ++Sequence,
            DurableSequence = DurableSequence,
            TimestampMs = timestampMs,
            TableLength = table.Length,
            RecordsLength = records.Length,
            TableCrc = Crc32C.Of(table),
            RecordsCrc = Crc32C.Of(records.Span),
        };
        header.Write(tables.Slice(start, GroupHeader.Size), seed);
        gathered.Add((tables.Length, records));
        gatheredRecordBytes += records.Length;
    }
}
