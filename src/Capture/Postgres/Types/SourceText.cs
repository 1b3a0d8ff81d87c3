using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Types;

/// <summary>What the transcoders share about the server's text.</summary>
internal static class SourceText
{
    /// <summary>What Debezium writes in place of a value that was not sent.</summary>
    public static ReadOnlySpan<byte> Placeholder => "__debezium_unavailable_value"u8;

    /// <summary><c>CDC-2040</c>; it names the type and the length, never the text (Invariant 8).</summary>
    public static CdcException Malformed(string type, int length) => new(
        ErrorCodes.SourceTextInvalid,
        FormattableString.Invariant(
            $"Reading a value of type '{type}', {length} bytes were found that are not text as the server prints it for this type."));

    /// <summary>Two decimal digits, or something larger than 99.</summary>
    public static uint TwoDigits(ReadOnlySpan<byte> text, int at)
    {
        var tens = (uint)(text[at] - '0');
        var ones = (uint)(text[at + 1] - '0');
        return tens <= 9 && ones <= 9 ? tens * 10 + ones : 1000;
    }

    /// <summary>Appends digits to a number; false for anything else, or where <paramref name="value"/> could leave 64 bits.</summary>
    public static bool TryAppendDigits(ReadOnlySpan<byte> digits, ref ulong value)
    {
        const int certainDigits = 18;
        if (digits.Length > certainDigits)
            return false;
        foreach (var next in digits)
        {
            var digit = (uint)(next - '0');
            if (digit > 9)
                return false;
            value = value * 10 + digit;
        }

        return true;
    }
}
