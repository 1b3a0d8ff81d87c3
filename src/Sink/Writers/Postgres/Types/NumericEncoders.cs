using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary><c>numeric</c> of a fixed scale.</summary>
internal sealed class DecimalEncoder(int scale, ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) => NumericField.Write(source.ReadBytes(), scale, target, place);
}

/// <summary><c>numeric</c> whose scale travels with the value.</summary>
internal sealed class VariableDecimalEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var scale = source.ReadInt();
        NumericField.Write(source.ReadBytes(), scale, target, place);
    }
}

/// <summary>
/// The binary form of <c>numeric</c> (numeric_recv): counts of 16 bits for digits, weight of the first, sign, digits to show; then digits
/// to the base of 10,000, aligned at the decimal point.
/// </summary>
internal static class NumericField
{
    private const int MaxScale = 16383;
    private const int MaxBytes = 61_000;
    private const int Header = 4 + 8;

    private static ReadOnlySpan<ulong> PowersOfTen =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
    ];

    /// <param name="unscaled">Two's complement, big-endian.</param>
    public static void Write(ReadOnlySpan<byte> unscaled, int scale, PooledBuffer target, ValuePlace place)
    {
        if (unscaled.IsEmpty || unscaled.Length > MaxBytes || scale is > MaxScale or < -MaxScale)
            throw place.Refuse("a number without digits, or with too many");
        if (unscaled.Length <= 8 && scale is >= 0 and <= 16)
            WriteShort(unscaled, scale, target);
        else
            WriteLong(unscaled, scale, target, place);
    }

    private static void WriteShort(ReadOnlySpan<byte> unscaled, int scale, PooledBuffer target)
    {
        long value = (sbyte)unscaled[0];
        foreach (var next in unscaled[1..])
            value = (value << 8) | next;
        var negative = value < 0;
        var magnitude = negative ? (ulong)-value : (ulong)value;
        var (whole, fraction) = Math.DivRem(magnitude, PowersOfTen[scale]);

        // 20 decimal digits before the point and 16 behind it: at most 5 and 4 to the base of 10,000.
        Span<ushort> digits = stackalloc ushort[9];
        var first = 5;
        for (; whole > 0; whole /= 10_000)
            digits[--first] = (ushort)(whole % 10_000);
        var behind = (scale + 3) / 4;
        fraction *= PowersOfTen[4 * behind - scale];
        for (var i = behind - 1; i >= 0; i--, fraction /= 10_000)
            digits[5 + i] = (ushort)(fraction % 10_000);
        WriteDigits(digits[first..(5 + behind)], 4 - first, negative, scale, target);
    }

    // Scale and digits are moved so that the point lies between two digits to the base of 10,000.
    private static void WriteLong(ReadOnlySpan<byte> unscaled, int scale, PooledBuffer target, ValuePlace place)
    {
        var padding = ((-scale % 4) + 4) % 4;
        var words = unscaled.Length / 4 + 2;
        var rentedWords = ArrayPool<uint>.Shared.Rent(words);
        var rentedDigits = ArrayPool<ushort>.Shared.Rent(words * 5 / 2 + 8);
        try
        {
            var magnitude = rentedWords.AsSpan(0, words);
            var negative = ReadMagnitude(unscaled, magnitude);
            Multiply(magnitude, (uint)PowersOfTen[padding]);
            var first = rentedDigits.Length;
            while (magnitude.TrimEnd(0u) is { IsEmpty: false } rest)
            {
                var two = Divide(rest, 100_000_000);
                rentedDigits[--first] = (ushort)(two % 10_000);
                rentedDigits[--first] = (ushort)(two / 10_000);
                magnitude = rest;
            }

            var digits = rentedDigits.AsSpan(first);
            var weight = digits.Length - 1 - ((scale + padding) / 4);
            if (weight is > short.MaxValue or < short.MinValue)
                throw place.Refuse("a number with too many digits");
            WriteDigits(digits, weight, negative, Math.Max(scale, 0), target);
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(rentedWords);
            ArrayPool<ushort>.Shared.Return(rentedDigits);
        }
    }

    private static void WriteDigits(Span<ushort> digits, int weight, bool negative, int scale, PooledBuffer target)
    {
        while (digits is [0, ..])
        {
            digits = digits[1..];
            weight--;
        }

        digits = digits.TrimEnd((ushort)0);
        var length = Header + 2 * digits.Length;
        var span = target.GetSpan(length)[..length];
        BinaryPrimitives.WriteInt32BigEndian(span, length - 4);
        BinaryPrimitives.WriteInt16BigEndian(span[4..], (short)digits.Length);
        BinaryPrimitives.WriteInt16BigEndian(span[6..], (short)(digits.IsEmpty ? 0 : weight));
        BinaryPrimitives.WriteUInt16BigEndian(span[8..], negative ? (ushort)0x4000 : (ushort)0);
        BinaryPrimitives.WriteInt16BigEndian(span[10..], (short)scale);
        BinaryPrimitives.ReverseEndianness(digits, MemoryMarshal.Cast<byte, ushort>(span[Header..]));
        target.Advance(length);
    }

    /// <summary>Little-endian words of the absolute value; answers whether it is negative.</summary>
    private static bool ReadMagnitude(ReadOnlySpan<byte> unscaled, Span<uint> magnitude)
    {
        var negative = (sbyte)unscaled[0] < 0;
        var bytes = MemoryMarshal.AsBytes(magnitude);
        bytes.Fill(negative ? (byte)0xff : (byte)0);
        for (var i = 0; i < unscaled.Length; i++)
            bytes[i] = unscaled[^(i + 1)];
        if (!negative)
            return false;
        ulong carry = 1;
        foreach (ref var word in magnitude)
        {
            carry += ~word;
            word = (uint)carry;
            carry >>= 32;
        }

        return true;
    }

    private static void Multiply(Span<uint> number, uint factor)
    {
        ulong carry = 0;
        foreach (ref var word in number)
        {
            carry += (ulong)word * factor;
            word = (uint)carry;
            carry >>= 32;
        }
    }

    private static uint Divide(Span<uint> number, uint divisor)
    {
        ulong rest = 0;
        for (var i = number.Length - 1; i >= 0; i--)
        {
            rest = (rest << 32) | number[i];
            number[i] = (uint)(rest / divisor);
            rest %= divisor;
        }

        return (uint)rest;
    }
}
