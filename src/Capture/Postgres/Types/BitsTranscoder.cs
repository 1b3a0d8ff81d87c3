using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>bit(n)</c>: the text's last digit is the lowest bit of the first byte.</summary>
internal sealed class BitsTranscoder(string type, int length) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (source.Length != length || source.ContainsAnyExcept((byte)'0', (byte)'1'))
            throw SourceText.Malformed(type, source.Length);
        var count = (length + 7) / 8;
        writer.WriteLong(count);
        var bytes = writer.Buffer.GetSpan(count)[..count];
        for (var i = 0; i < count; i++)
        {
            var end = length - 8 * i;
            var value = 0;
            foreach (var digit in source[Math.Max(0, end - 8)..end])
                value = (value << 1) | (digit - '0');
            bytes[i] = (byte)value;
        }

        writer.Buffer.Advance(count);
        return true;
    }
}
