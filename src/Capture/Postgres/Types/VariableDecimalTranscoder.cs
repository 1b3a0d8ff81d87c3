using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// Any other <c>numeric</c>: the scale as printed, then the number without its point. NaN and infinities it cannot carry.
/// </summary>
internal sealed class VariableDecimalTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        var start = writer.Buffer.Length;
        if (NumberText.TrySplit(source, out var number))
        {
            writer.WriteInt(number.Fraction.Length);
            if (UnscaledNumber.TryWrite(number, zeros: 0, writer))
                return true;
            writer.Buffer.Truncate(start);
        }

        return NumberText.IsSpecial(source) ? false : throw SourceText.Malformed(type, source.Length);
    }
}
