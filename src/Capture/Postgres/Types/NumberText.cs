namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// The parts of a decimal number's text: <c>[-]whole[.fraction]</c>. That both are digits is checked while they are read.
/// </summary>
internal readonly ref struct NumberText
{
    private NumberText(bool isNegative, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        IsNegative = isNegative;
        Whole = whole;
        Fraction = fraction;
    }

    public bool IsNegative { get; }

    public ReadOnlySpan<byte> Whole { get; }

    public ReadOnlySpan<byte> Fraction { get; }

    /// <summary>Whether it is one of the values without digits, which no decimal can carry.</summary>
    public static bool IsSpecial(ReadOnlySpan<byte> source) =>
        source.SequenceEqual("NaN"u8) || source.SequenceEqual("Infinity"u8) || source.SequenceEqual("-Infinity"u8);

    public static bool TrySplit(ReadOnlySpan<byte> source, out NumberText number)
    {
        var isNegative = !source.IsEmpty && source[0] == '-';
        var digits = isNegative ? source[1..] : source;
        var point = digits.IndexOf((byte)'.');
        number = point < 0
            ? new NumberText(isNegative, digits, default)
            : new NumberText(isNegative, digits[..point], digits[(point + 1)..]);
        return !number.Whole.IsEmpty && (point < 0 || !number.Fraction.IsEmpty);
    }
}
