using System.Globalization;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>The shortest text of a single-precision number; read as one, because rounding by way of a double can be wrong.</summary>
internal sealed class SingleTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!TryRead(source, out var value))
            throw SourceText.Malformed(type, source.Length);
        writer.WriteFloat(value);
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> source, out float value)
    {
        if (FloatText.IsNumber(source))
            return float.TryParse(source, FloatText.Style, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
        var known = FloatText.TryReadSpecial(source, out var special);
        value = (float)special;
        return known;
    }
}
