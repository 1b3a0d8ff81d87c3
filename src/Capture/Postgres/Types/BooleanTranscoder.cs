using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>t</c> and <c>f</c>, of <c>bit(1)</c> <c>1</c> and <c>0</c>.</summary>
internal sealed class BooleanTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (source.Length != 1)
            throw SourceText.Malformed(type, source.Length);
        writer.WriteBoolean(source[0] switch
        {
            (byte)'t' or (byte)'1' => true,
            (byte)'f' or (byte)'0' => false,
            _ => throw SourceText.Malformed(type, source.Length),
        });
        return true;
    }
}
