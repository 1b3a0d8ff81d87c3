using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// Writes digits as Avro bytes: a whole number in big-endian two's complement of the least length. Up to 18 digits go through a
/// long, up to 38 through an Int128, more through a number of 64-bit limbs (the server's longest has 147,455 digits).
/// </summary>
internal static class UnscaledNumber
{
    private const int LongDigits = 18;
    private const int Int128Digits = 38;
    private const int StackLimbs = 128;

    private static readonly ulong[] PowersOfTen =
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    /// <summary>
    /// Writes whole, fraction and so many zeros as one number; false, with nothing written, where anything is not a digit.
    /// </summary>
    public static bool TryWrite(in NumberText number, int zeros, AvroWriter writer)
    {
        var digits = (long)number.Whole.Length + number.Fraction.Length + zeros;
        return digits switch
        {
            <= LongDigits => TryWriteLong(number, zeros, writer),
            <= Int128Digits => TryWriteInt128(number, zeros, writer),
            _ => TryWriteLarge(number, zeros, (int)digits, writer),
        };
    }

    public static void Write(long value, AvroWriter writer)
    {
        var size = (64 - BitOperations.LeadingZeroCount((ulong)(value < 0 ? ~value : value))) / 8 + 1;
        var span = writer.Buffer.GetSpan(9);
        span[0] = (byte)(size << 1);
        BinaryPrimitives.WriteInt64BigEndian(span[1..], value << (64 - 8 * size));
        writer.Buffer.Advance(1 + size);
    }

    private static bool TryWriteLong(in NumberText number, int zeros, AvroWriter writer)
    {
        ulong magnitude = 0;
        if (!SourceText.TryAppendDigits(number.Whole, ref magnitude) || !SourceText.TryAppendDigits(number.Fraction, ref magnitude))
            return false;
        for (var i = 0; i < zeros; i++)
            magnitude *= 10;
        Write(number.IsNegative ? -(long)magnitude : (long)magnitude, writer);
        return true;
    }

    private static bool TryWriteInt128(in NumberText number, int zeros, AvroWriter writer)
    {
        Int128 magnitude = 0;
        if (!TryAppendDigits(number.Whole, ref magnitude) || !TryAppendDigits(number.Fraction, ref magnitude))
            return false;
        for (var i = 0; i < zeros; i++)
            magnitude *= 10;
        var value = number.IsNegative ? -magnitude : magnitude;
        var size = (128 - (int)Int128.LeadingZeroCount(value < 0 ? ~value : value)) / 8 + 1;
        var span = writer.Buffer.GetSpan(17);
        span[0] = (byte)(size << 1);
        BinaryPrimitives.WriteInt128BigEndian(span[1..], value << (128 - 8 * size));
        writer.Buffer.Advance(1 + size);
        return true;
    }

    private static bool TryAppendDigits(ReadOnlySpan<byte> digits, ref Int128 value)
    {
        while (!digits.IsEmpty)
        {
            var part = digits[..Math.Min(LongDigits, digits.Length)];
            ulong next = 0;
            if (!SourceText.TryAppendDigits(part, ref next))
                return false;
            value = value * PowersOfTen[part.Length] + next;
            digits = digits[part.Length..];
        }

        return true;
    }

    [SkipLocalsInit]
    private static bool TryWriteLarge(in NumberText number, int zeros, int digits, AvroWriter writer)
    {
        // 64 bits hold more than 19 digits; one limb more for the sign.
        var limbs = digits / 19 + 2;
        var rented = limbs > StackLimbs ? ArrayPool<ulong>.Shared.Rent(limbs) : null;
        Span<ulong> space = rented is null ? stackalloc ulong[StackLimbs] : rented;
        var value = space[..limbs];
        value.Clear();
        try
        {
            var used = 0;
            if (!TryAppendDigits(number.Whole, value, ref used) || !TryAppendDigits(number.Fraction, value, ref used))
                return false;
            for (; zeros > 0; zeros -= LongDigits)
                MultiplyAdd(value, ref used, PowersOfTen[Math.Min(LongDigits, zeros)], 0);
            if (number.IsNegative)
                Negate(value);
            WriteLimbs(value, writer);
            return true;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<ulong>.Shared.Return(rented);
        }
    }

    private static bool TryAppendDigits(ReadOnlySpan<byte> digits, Span<ulong> value, ref int used)
    {
        while (!digits.IsEmpty)
        {
            var part = digits[..Math.Min(LongDigits, digits.Length)];
            ulong next = 0;
            if (!SourceText.TryAppendDigits(part, ref next))
                return false;
            MultiplyAdd(value, ref used, PowersOfTen[part.Length], next);
            digits = digits[part.Length..];
        }

        return true;
    }

    private static void MultiplyAdd(Span<ulong> value, ref int used, ulong factor, ulong carry)
    {
        for (var i = 0; i < used; i++)
        {
            var high = Math.BigMul(value[i], factor, out var low);
            value[i] = low + carry;
            carry = high + (value[i] < low ? 1UL : 0);
        }

        if (carry != 0)
            value[used++] = carry;
    }

    private static void Negate(Span<ulong> value)
    {
        var carry = 1UL;
        foreach (ref var limb in value)
        {
            limb = ~limb + carry;
            carry = carry != 0 && limb == 0 ? 1UL : 0;
        }
    }

    private static void WriteLimbs(ReadOnlySpan<ulong> value, AvroWriter writer)
    {
        var sign = (long)value[^1] >> 63;
        var top = value.Length - 1;
        while (top > 0 && value[top] == (ulong)sign && (long)value[top - 1] >> 63 == sign)
            top--;
        var topSize = (64 - BitOperations.LeadingZeroCount(value[top] ^ (ulong)sign)) / 8 + 1;
        writer.WriteLong(topSize + 8L * top);
        var span = writer.Buffer.GetSpan(8 + 8 * top);
        BinaryPrimitives.WriteUInt64BigEndian(span, value[top] << (64 - 8 * topSize));
        for (var i = top - 1; i >= 0; i--)
            BinaryPrimitives.WriteUInt64BigEndian(span[(topSize + 8 * (top - 1 - i))..], value[i]);
        writer.Buffer.Advance(topSize + 8 * top);
    }
}
