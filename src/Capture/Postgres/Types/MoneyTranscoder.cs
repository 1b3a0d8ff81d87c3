using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>money</c> under <c>lc_monetary</c> C: <c>-$1,234.56</c>; a decimal of scale 2.</summary>
internal sealed class MoneyTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!TryReadCents(source, out var cents))
            throw SourceText.Malformed(type, source.Length);
        UnscaledNumber.Write(cents, writer);
        return true;
    }

    private static bool TryReadCents(ReadOnlySpan<byte> source, out long cents)
    {
        const int longest = 26;
        cents = 0;
        var negative = source.StartsWith("-"u8);
        var amount = negative ? source[1..] : source;
        if (amount.Length is < 5 or > longest || amount[0] != '$' || amount[^3] != '.')
            return false;
        var whole = amount[1..^3];
        ulong magnitude = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            var isSeparator = (whole.Length - i) % 4 == 0;
            if (isSeparator ? whole[i] != ',' : !SourceText.TryAppendDigits(whole.Slice(i, 1), ref magnitude))
                return false;
        }

        if (!SourceText.TryAppendDigits(amount[^2..], ref magnitude) || magnitude > (negative ? 1UL << 63 : long.MaxValue))
            return false;
        cents = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return true;
    }
}
