using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>Whole numbers between two bounds; Avro's int and long have one encoding.</summary>
internal sealed class IntegerTranscoder(string type, long least, long greatest) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!TryRead(source, out var value) || value < least || value > greatest)
            throw SourceText.Malformed(type, source.Length);
        writer.WriteLong(value);
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> source, out long value)
    {
        const int mostDigits = 19;
        value = 0;
        var negative = !source.IsEmpty && source[0] == '-';
        var digits = negative ? source[1..] : source;
        if (digits.Length is 0 or > mostDigits)
            return false;
        ulong magnitude = 0;
        foreach (var next in digits)
        {
            var digit = (uint)(next - '0');
            if (digit > 9)
                return false;
            magnitude = magnitude * 10 + digit;
        }

        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return magnitude <= (negative ? 1UL << 63 : long.MaxValue);
    }
}
