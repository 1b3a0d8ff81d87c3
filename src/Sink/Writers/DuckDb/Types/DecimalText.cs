using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>Decimal numbers as text, with as many fractional digits as their scale says.</summary>
internal static class DecimalText
{
    /// <summary>PostgreSQL's largest scale, and its most digits before the point: more is not a number but an attack on memory.</summary>
    private const int MaxScale = 16_383;

    private const int MaxZeros = 131_072;

    /// <param name="unscaled">Two's complement, highest byte first.</param>
    public static bool TryWrite(ReadOnlySpan<byte> unscaled, int scale, ArrayBufferWriter<byte> scratch, VectorCell slot)
    {
        scratch.ResetWrittenCount();
        if (!TryFormat(unscaled, scale, scratch))
            return false;
        slot.Copy(scratch.WrittenSpan);
        return true;
    }

    /// <summary>Writes the text; false where there is no number or its scale is beyond all bounds.</summary>
    public static bool TryFormat(ReadOnlySpan<byte> unscaled, int scale, ArrayBufferWriter<byte> text)
    {
        if (unscaled.IsEmpty || scale is > MaxScale or < -MaxZeros)
            return false;
        Span<byte> few = stackalloc byte[40];
        bool negative;
        scoped ReadOnlySpan<byte> digits;
        if (DecimalValue.TryReadInt128(unscaled, out var number))
        {
            negative = number < 0;
            UInt128.CreateTruncating(Int128.Abs(number)).TryFormat(few, out var count, default, CultureInfo.InvariantCulture);
            digits = few[..count];
        }
        else
        {
            var large = new BigInteger(unscaled, isBigEndian: true);
            negative = large.Sign < 0;
            digits = Encoding.ASCII.GetBytes(BigInteger.Abs(large).ToString(CultureInfo.InvariantCulture));
        }

        if (negative)
            text.Write("-"u8);
        WriteDigits(digits, scale, text);
        return true;
    }

    private static void WriteDigits(scoped ReadOnlySpan<byte> digits, int scale, ArrayBufferWriter<byte> text)
    {
        if (scale <= 0)
        {
            text.Write(digits);
            if (digits is not [(byte)'0'])
                WriteZeros(-scale, text);
            return;
        }

        var whole = digits.Length - scale;
        if (whole > 0)
            text.Write(digits[..whole]);
        else
            text.Write("0"u8);
        text.Write("."u8);
        WriteZeros(-whole, text);
        text.Write(digits[Math.Max(whole, 0)..]);
    }

    private static void WriteZeros(int count, ArrayBufferWriter<byte> text)
    {
        for (; count > 0; count--)
            text.Write("0"u8);
    }
}
