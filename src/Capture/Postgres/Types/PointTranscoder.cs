using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>point</c>: <c>(x,y)</c> as a record of two doubles; its <c>wkb</c> and <c>srid</c> are null.</summary>
internal sealed class PointTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!TryRead(source, out var x, out var y))
            throw SourceText.Malformed(type, source.Length);
        writer.WriteDouble(x);
        writer.WriteDouble(y);
        writer.WriteUnionIndex(0);
        writer.WriteUnionIndex(0);
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> source, out double x, out double y)
    {
        x = y = 0;
        if (source.Length < 5 || source[0] != '(' || source[^1] != ')')
            return false;
        var inner = source[1..^1];
        var comma = inner.IndexOf((byte)',');
        return comma > 0 && DoubleTranscoder.TryRead(inner[..comma], out x) && DoubleTranscoder.TryRead(inner[(comma + 1)..], out y);
    }
}
