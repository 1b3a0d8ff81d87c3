using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>numeric(p,s)</c>: the number without its point, with exactly that scale. NaN and infinities it cannot carry.</summary>
internal sealed class DecimalTranscoder(string type, int scale) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (NumberText.TrySplit(source, out var number)
            && number.Fraction.Length <= scale
            && UnscaledNumber.TryWrite(number, scale - number.Fraction.Length, writer))
            return true;
        return NumberText.IsSpecial(source) ? false : throw SourceText.Malformed(type, source.Length);
    }
}
