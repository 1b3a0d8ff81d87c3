using System.Buffers.Binary;
using Cdc.Contracts.Errors;

namespace Cdc.Transport.Embedded;

/// <summary>
/// Reads a group's table off a span: little-endian numbers, text as length and UTF-8. Lengths are checked; failing is <c>CDC-3004</c>.
/// </summary>
internal ref struct TableReader(ReadOnlySpan<byte> table, string path, long position)
{
    private ReadOnlySpan<byte> rest = table;

    public readonly bool IsAtEnd => rest.IsEmpty;

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public Guid ReadGuid() => new(Take(16));

    /// <summary>How many items follow, each of at least <paramref name="itemBytes"/>.</summary>
    public int ReadCount(int itemBytes)
    {
        var count = ReadInt32();
        return count >= 0 && (long)count * itemBytes <= rest.Length ? count : throw Damaged();
    }

    public string ReadText() => ReadOptionalText() ?? throw Damaged();

    /// <summary>Text, or null where its length is -1.</summary>
    public string? ReadOptionalText()
    {
        var length = ReadInt32();
        return length == -1 ? null : GroupTable.Utf8.GetString(Take(length));
    }

    public readonly CdcException Damaged() => JournalErrors.Damaged(path, position, "a group's table does not add up");

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)rest.Length)
            throw Damaged();
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
