using System.Buffers;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Microsoft.Win32.SafeHandles;

namespace Cdc.Transport.Embedded;

/// <summary>
/// Walks the groups of one segment file through a small window. Nothing past the limit given is looked at, so the file may grow
/// meanwhile. Every part is checked against its checksum before it is handed out. Not safe for several threads.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private const int WindowBytes = 1 << 16;

    private readonly SafeFileHandle file;
    private byte[] window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private long windowStart;
    private int windowLength;

    public SegmentReader(string path)
    {
        Path = path;
        file = DiskStorage.OpenForReading(path);
        try
        {
            Header = SegmentHeader.Read(Peek(0, (int)Math.Min(SegmentHeader.Size, RandomAccess.GetLength(file)), SegmentHeader.Size), path);
        }
        catch
        {
            Dispose();
            throw;
        }

        Seed = Header.Seed;
        Position = SegmentHeader.Size;
    }

    public string Path { get; }

    public SegmentHeader Header { get; }

    public uint Seed { get; }

    /// <summary>Where the next group begins.</summary>
    public long Position { get; set; }

    public long FileLength => RandomAccess.GetLength(file);

    /// <summary>
    /// The header of the group at <see cref="Position"/>; false where no whole group of this segment lies there before the limit.
    /// </summary>
    public bool TryReadHeader(long limit, out GroupHeader header)
    {
        header = default;
        return limit - Position >= GroupHeader.Size
            && GroupHeader.TryRead(Peek(Position, GroupHeader.Size, limit), Seed, out header)
            && header.Length <= limit - Position;
    }

    /// <summary>As <see cref="TryReadHeader"/>, where a group has to be: its absence is damage.</summary>
    public GroupHeader ReadHeader(long limit)
    {
        if (!TryReadHeader(limit, out var header))
            throw Damaged("no valid group begins there");
        Require(header);
        return header;
    }

    /// <summary>Refuses what another version wrote.</summary>
    public void Require(GroupHeader header)
    {
        if (header.Kind is not (GroupKind.Head or GroupKind.Append))
            throw JournalErrors.FormatUnknown(Path, Position, FormattableString.Invariant($"a group of kind {(byte)header.Kind}"));
        if (header.Codec != GroupHeader.NoCodec)
            throw JournalErrors.FormatUnknown(Path, Position, FormattableString.Invariant($"a group of codec {header.Codec}"));
    }

    /// <summary>The table of the group at <see cref="Position"/>; valid until the next call.</summary>
    public TableReader ReadTable(in GroupHeader header)
    {
        if (!TryReadTable(header, out var table))
            throw Damaged("a group's table does not fit its checksum");
        return table;
    }

    public bool TryReadTable(in GroupHeader header, out TableReader table)
    {
        var bytes = Peek(Position + GroupHeader.Size, header.TableLength, Position + header.Length);
        table = new TableReader(bytes, Path, Position);
        return Crc32C.Of(bytes) == header.TableCrc;
    }

    /// <summary>Copies the records of the group at <see cref="Position"/>.</summary>
    public void ReadRecords(in GroupHeader header, Span<byte> target)
    {
        var start = Position + GroupHeader.Size + header.TableLength;
        var held = HeldFrom(start);
        held = held[..Math.Min(held.Length, target.Length)];
        held.CopyTo(target);
        ReadWholly(target[held.Length..], start + held.Length);
        if (Crc32C.Of(target) != header.RecordsCrc)
            throw Damaged("a group's records do not fit their checksum");
    }

    /// <summary>Whether the records of the group at <see cref="Position"/> fit their checksum; nothing is kept of them.</summary>
    public bool HasValidRecords(in GroupHeader header)
    {
        var at = Position + GroupHeader.Size + header.TableLength;
        var end = Position + header.Length;
        var crc = 0u;
        while (at < end)
        {
            var part = Peek(at, (int)Math.Min(window.Length, end - at), end);
            crc = Crc32C.Append(crc, part);
            at += part.Length;
        }

        return crc == header.RecordsCrc;
    }

    public void Skip(in GroupHeader header) => Position += header.Length;

    /// <summary>The first place from <paramref name="from"/> on at which a valid header of this segment lies, or -1.</summary>
    public long FindHeader(long from, long limit, out GroupHeader header)
    {
        while (limit - from >= GroupHeader.Size)
        {
            var part = Peek(from, (int)Math.Min(window.Length, limit - from), limit);
            var found = part.IndexOf(GroupHeader.Magic);
            if (found < 0)
            {
                from += part.Length - GroupHeader.Magic.Length + 1;
                continue;
            }

            from += found;
            if (limit - from >= GroupHeader.Size && GroupHeader.TryRead(Peek(from, GroupHeader.Size, limit), Seed, out header))
                return from;
            from++;
        }

        header = default;
        return -1;
    }

    public void Dispose()
    {
        file.Dispose();
        if (window.Length > 0)
            ArrayPool<byte>.Shared.Return(window);
        window = [];
    }

    private CdcException Damaged(string found) => JournalErrors.Damaged(Path, Position, found);

    private ReadOnlySpan<byte> HeldFrom(long start) =>
        start >= windowStart && start < windowStart + windowLength
            ? window.AsSpan((int)(start - windowStart), (int)(windowStart + windowLength - start))
            : default;

    /// <summary>Bytes of the file through the window, which is filled no further than the limit.</summary>
    private ReadOnlySpan<byte> Peek(long start, int count, long limit)
    {
        var held = HeldFrom(start);
        if (held.Length >= count)
            return held[..count];
        if (window.Length < count)
        {
            ArrayPool<byte>.Shared.Return(window);
            window = [];
            window = ArrayPool<byte>.Shared.Rent(count);
        }

        windowLength = 0;
        var fill = (int)Math.Min(window.Length, limit - start);
        ReadWholly(window.AsSpan(0, fill), start);
        (windowStart, windowLength) = (start, fill);
        return window.AsSpan(0, count);
    }

    private void ReadWholly(Span<byte> target, long position)
    {
        while (!target.IsEmpty)
        {
            var read = RandomAccess.Read(file, target, position);
            if (read == 0)
                throw Damaged("the file ends before its content does");
            target = target[read..];
            position += read;
        }
    }
}
