using System.Globalization;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>The shortest text of a double, read back exactly.</summary>
internal sealed class DoubleTranscoder(string type) : ColumnTranscoder
{
    private static readonly double[] PowersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!TryRead(source, out var value))
            throw SourceText.Malformed(type, source.Length);
        writer.WriteDouble(value);
        return true;
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out double value)
    {
        if (TryReadShort(source, out value))
            return true;
        if (FloatText.IsNumber(source))
            return double.TryParse(source, FloatText.Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
        return FloatText.TryReadSpecial(source, out value);
    }

    /// <summary>
    /// Up to 15 digits without exponent: digits and power of ten are exact doubles, so their one quotient is the nearest double (Clinger,
    /// "How to Read Floating Point Numbers Accurately", 1990).
    /// </summary>
    private static bool TryReadShort(ReadOnlySpan<byte> source, out double value)
    {
        const int mostDigits = 15;
        value = 0;
        ulong digits = 0;
        if (source.Length > mostDigits + 1
            || !NumberText.TrySplit(source, out var number)
            || !SourceText.TryAppendDigits(number.Whole, ref digits)
            || !SourceText.TryAppendDigits(number.Fraction, ref digits))
            return false;
        value = digits / PowersOfTen[number.Fraction.Length];
        if (number.IsNegative)
            value = -value;
        return true;
    }
}
