using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Testing.Scripted;

/// <summary>All values of the script are text.</summary>
public sealed class ScriptedText : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        writer.WriteBytes(source);
        return true;
    }
}
