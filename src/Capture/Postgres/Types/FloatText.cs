using System.Globalization;

namespace Cdc.Capture.Postgres.Types;

/// <summary>The server's text of floating point numbers.</summary>
internal static class FloatText
{
    public const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Whether it begins as a finite number does; the names of the others begin with a letter.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> source)
    {
        var at = !source.IsEmpty && source[0] == '-' ? 1 : 0;
        return at < source.Length && source[at] is >= (byte)'0' and <= (byte)'9';
    }

    public static bool TryReadSpecial(ReadOnlySpan<byte> source, out double value)
    {
        value = double.NaN;
        if (source.SequenceEqual("NaN"u8))
            return true;
        value = double.PositiveInfinity;
        if (source.SequenceEqual("Infinity"u8))
            return true;
        value = double.NegativeInfinity;
        return source.SequenceEqual("-Infinity"u8);
    }
}
