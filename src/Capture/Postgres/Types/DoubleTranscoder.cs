using System.Globalization;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>The shortest text of a double, read back exactly.</summary>
internal sealed class DoubleTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!TryRead(source, out var value))
            throw SourceText.Malformed(type, source.Length);
        writer.WriteDouble(value);
        return true;
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out double value)
    {
        if (FloatText.IsNumber(source))
            return double.TryParse(source, FloatText.Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
        return FloatText.TryReadSpecial(source, out value);
    }
}
