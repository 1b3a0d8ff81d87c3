using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>time(p)</c> since midnight: milliseconds for up to 3 digits, else microseconds.</summary>
internal sealed class TimeTranscoder(string type, int digits) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!DateTimeText.TryReadTime(source, out var microseconds, out var length, out var found) || length != source.Length
            || found > digits)
            throw SourceText.Malformed(type, source.Length);
        writer.WriteLong(digits <= 3 ? microseconds / 1000 : microseconds);
        return true;
    }
}
