using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
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
    private const int MaxLongBytes = 10;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> source = source;

    /// <summary>Bytes consumed.</summary>
    public int Position { get; private set; }

    public readonly bool IsAtEnd => Position == source.Length;

    public readonly int Remaining => source.Length - Position;

    public bool ReadBoolean()
    {
        var value = ReadFixed(1)[0];
        if (value > 1)
            ThrowBoolean(value);
        return value == 1;
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

    /// <summary>Passes over a long without working it out.</summary>
    internal void SkipLong()
    {
        const ulong Continued = 0x8080808080808080;
        if (Remaining >= sizeof(ulong)
            && (~BinaryPrimitives.ReadUInt64LittleEndian(source[Position..]) & Continued) is not 0 and var ends)
            Position += (BitOperations.TrailingZeroCount(ends) >> 3) + 1;
        else
            ReadLong();
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(ReadFixed(4));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(ReadFixed(8));

    /// <summary>A bytes or string value: the bytes, without a copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadLong();
        if ((ulong)length > (ulong)Remaining)
            ThrowLength(length);
        var value = source.Slice(Position, (int)length);
        Position += (int)length;
        return value;
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
            ThrowShort(size);
        var value = source.Slice(Position, size);
        Position += size;
        return value;
    }

    /// <summary>Which branch of a union of <paramref name="branches"/> follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadUnionIndex(int branches)
    {
        var index = ReadLong();
        if ((ulong)index >= (ulong)branches)
            ThrowBranch(index, branches);
        return (int)index;
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
                ThrowLength(bytes);
        }

        if ((ulong)count > (ulong)Remaining)
            ThrowCount(count);
        return count;
    }

    /// <summary>The bytes between two places of this reader.</summary>
    public readonly ReadOnlySpan<byte> Between(int start, int end) => source[start..end];

    private long ReadLongSlowly()
    {
        var rest = source[Position..];
        ulong value = 0;
        for (var i = 0; i < rest.Length && i < MaxLongBytes; i++)
        {
            var next = rest[i];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next >= 0x80)
                continue;
            if (i == MaxLongBytes - 1 && next > 1)
                throw Malformed("a long does not fit 64 bits");
            Position += i + 1;
            return (long)(value >> 1) ^ -(long)(value & 1);
        }

        throw Malformed(rest.Length < MaxLongBytes ? "a long has no end" : "a long has more than 10 bytes");
    }

    // Apart from the readers, so that what builds a message does not weigh on those that need none.
    [DoesNotReturn]
    private readonly void ThrowBoolean(byte value) => throw Malformed($"a boolean is {value}");

    [DoesNotReturn]
    private readonly void ThrowLength(long length) => throw Malformed($"a length of {length} points beyond the end");

    [DoesNotReturn]
    private readonly void ThrowShort(int size) => throw Malformed($"{size} bytes are wanted, {Remaining} are left");

    [DoesNotReturn]
    private readonly void ThrowBranch(long index, int branches) => throw Malformed($"branch {index} of a union of {branches}");

    [DoesNotReturn]
    private readonly void ThrowCount(long count) => throw Malformed($"a block of {count} items is longer than what is left");

    private readonly CdcException Malformed(string what) =>
        new(ErrorCodes.AvroMalformed, FormattableString.Invariant($"Reading Avro at byte {Position} of {source.Length}, {what}."));
}
