using System.Buffers;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>bytea</c> under <c>bytea_output</c> hex: <c>\x0a1b</c>.</summary>
internal sealed class BytesTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!source.StartsWith("\\x"u8) || source.Length % 2 != 0)
            throw SourceText.Malformed(type, source.Length);
        var start = writer.Buffer.Length;
        var count = (source.Length - 2) / 2;
        writer.WriteLong(count);
        if (Convert.FromHexString(source[2..], writer.Buffer.GetSpan(count)[..count], out _, out var written) != OperationStatus.Done
            || written != count)
        {
            writer.Buffer.Truncate(start);
            throw SourceText.Malformed(type, source.Length);
        }

        writer.Buffer.Advance(count);
        return true;
    }

    public override bool TryWritePlaceholder(AvroWriter writer)
    {
        writer.WriteBytes(SourceText.Placeholder);
        return true;
    }
}
