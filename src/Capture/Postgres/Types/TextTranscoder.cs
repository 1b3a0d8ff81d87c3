using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>Every type whose value is the server's text as it is; it is UTF-8 already.</summary>
internal sealed class TextTranscoder : ColumnTranscoder
{
    private TextTranscoder()
    {
    }

    public static TextTranscoder Instance { get; } = new();

    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        writer.WriteBytes(source);
        return true;
    }

    public override bool TryWritePlaceholder(AvroWriter writer)
    {
        writer.WriteBytes(SourceText.Placeholder);
        return true;
    }
}
