using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// <c>timetz(p)</c> as ISO text with its own offset: <c>HH:MM:SS[.f]</c> with exactly the declared digits, then <c>Z</c> for an offset of
/// zero, else
/// <c>±HH:MM</c>, and <c>:SS</c> only where the offset has seconds. 24:00:00 stays as it is.
/// </summary>
internal sealed class ZonedTimeTranscoder(string type, int digits) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!DateTimeText.TryReadTime(source, out _, out var timeLength, out var found)
            || found > digits
            || !IsOffset(source[timeLength..]))
            throw SourceText.Malformed(type, source.Length);
        Write(source[..timeLength], source[timeLength..], writer);
        return true;
    }

    private void Write(ReadOnlySpan<byte> time, ReadOnlySpan<byte> offset, AvroWriter writer)
    {
        var isUtc = offset.SequenceEqual("+00"u8);
        var timeLength = 8 + (digits == 0 ? 0 : 1 + digits);
        var offsetLength = isUtc ? 1 : Math.Max(6, offset.Length);
        writer.WriteLong(timeLength + offsetLength);
        var span = writer.Buffer.GetSpan(timeLength + offsetLength);
        ZonedTimestampTranscoder.WriteTime(time, digits, span);
        var rest = span[timeLength..];
        if (isUtc)
        {
            rest[0] = (byte)'Z';
        }
        else
        {
            offset.CopyTo(rest);
            if (offset.Length == 3)
                ":00"u8.CopyTo(rest[3..]);
        }

        writer.Buffer.Advance(timeLength + offsetLength);
    }

    /// <summary><c>±HH</c>, <c>±HH:MM</c> or <c>±HH:MM:SS</c>, as the server shortens it.</summary>
    private static bool IsOffset(ReadOnlySpan<byte> offset)
    {
        if (offset.Length is not (3 or 6 or 9) || offset[0] is not ((byte)'+' or (byte)'-') || SourceText.TwoDigits(offset, 1) > 15)
            return false;
        for (var at = 3; at < offset.Length; at += 3)
        {
            if (offset[at] != ':' || SourceText.TwoDigits(offset, at + 1) > 59)
                return false;
        }

        return true;
    }
}
