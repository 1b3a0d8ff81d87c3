using System.Buffers.Binary;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Topics;

/// <summary>
/// How a record lies in memory and in the embedded log. All numbers are little-endian 32-bit:
/// <c>slot · key length (-1: no key) · key · value length (-1: none) · value · header bytes · headers (name length · name · value length ·
/// value)*</c>.
/// </summary>
public static class RecordLayout
{
    /// <summary>Reads the record at the start of <paramref name="source"/>; answers with the bytes it takes. Lengths are checked.</summary>
    public static int Read(ReadOnlySpan<byte> source, out RecordView record)
    {
        var slot = ReadInt32(source, 0);
        var at = 4;
        var key = ReadField(source, ref at, out var hasKey);
        var value = ReadField(source, ref at, out var hasValue);
        var headers = ReadField(source, ref at, out _);
        record = new RecordView(slot, key, hasKey, value, hasValue, headers);
        return at;
    }

    internal static ReadOnlySpan<byte> ReadField(ReadOnlySpan<byte> source, scoped ref int at, out bool present)
    {
        var length = ReadInt32(source, at);
        at += 4;
        present = length >= 0;
        if (length < -1 || length > source.Length - at)
            throw Damaged(at);
        var field = present ? source.Slice(at, length) : default;
        at += field.Length;
        return field;
    }

    private static int ReadInt32(ReadOnlySpan<byte> source, int at) =>
        at + 4 <= source.Length ? BinaryPrimitives.ReadInt32LittleEndian(source[at..]) : throw Damaged(at);

    private static CdcException Damaged(int at) =>
        new(ErrorCodes.RecordDamaged, $"Reading a record, a length at byte {at} points outside of its block.");
}
