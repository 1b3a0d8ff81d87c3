using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Avro;

/// <summary>
/// Avro's binary encoding off a span (Avro specification 1.12, "Binary Encoding"). Every length is checked against what is left before
/// anything is allocated; bytes that cannot be right throw <c>CDC-4001</c> with the place.
/// </summary>
public ref struct AvroReader(ReadOnlySpan<byte> source)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> source = source;

    /// <summary>Bytes consumed.</summary>
    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position == source.Length;

    public readonly int Remaining => source.Length - Position;

    public bool ReadBoolean()
    {
        var value = ReadFixed(1)[0];
        return value <= 1 ? value == 1 : throw Malformed($"a boolean is {value}");
    }

    public int ReadInt()
    {
        var value = ReadLong();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Malformed("an int does not fit 32 bits");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadLong()
    {
        var at = Position;
        if (at < source.Length && source[at] < 0x80)
        {
            Position = at + 1;
            return (source[at] >> 1) ^ -(source[at] & 1);
        }

        return ReadLongSlowly();
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(ReadFixed(4));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(ReadFixed(8));

    /// <summary>A bytes or string value: the bytes, without a copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadLong();
        if ((ulong)length > (ulong)Remaining)
            throw Malformed($"a length of {length} points beyond the end");
        return ReadFixed((int)length);
    }

    public string ReadString()
    {
        var bytes = ReadBytes();
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("a string is not UTF-8");
        }
    }

    public ReadOnlySpan<byte> ReadFixed(int size)
    {
        if ((uint)size > (uint)Remaining)
            throw Malformed($"{size} bytes are wanted, {Remaining} are left");
        var value = source.Slice(Position, size);
        Position += size;
        return value;
    }

    /// <summary>Which branch of a union of <paramref name="branches"/> follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadUnionIndex(int branches)
    {
        var index = ReadLong();
        return (ulong)index < (ulong)branches ? (int)index : throw Malformed($"branch {index} of a union of {branches}");
    }

    /// <summary>
    /// The head of an array or map block: how many items follow, 0 at the end. A block with a byte count in front (negative count) has
    /// that count consumed and checked. A count cannot exceed the bytes left: items of no bytes are refused, for they would cost no input.
    /// </summary>
    public long ReadBlockCount()
    {
        var count = ReadLong();
        if (count < 0)
        {
            count = unchecked(-count);
            var bytes = ReadLong();
            if ((ulong)bytes > (ulong)Remaining)
                throw Malformed($"a block of {bytes} bytes points beyond the end");
        }

        return (ulong)count <= (ulong)Remaining ? count : throw Malformed($"a block of {count} items is longer than what is left");
    }

    /// <summary>The bytes between two places of this reader.</summary>
    public readonly ReadOnlySpan<byte> Between(int start, int end) => source[start..end];

    private long ReadLongSlowly()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = ReadFixed(1)[0];
            if (shift == 63 && next > 1)
                throw Malformed("a long does not fit 64 bits");
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }

        throw Malformed("a long has more than 10 bytes");
    }

    private readonly CdcException Malformed(string what) =>
        new(ErrorCodes.AvroMalformed, FormattableString.Invariant($"Reading Avro at byte {Position} of {source.Length}, {what}."));
}
