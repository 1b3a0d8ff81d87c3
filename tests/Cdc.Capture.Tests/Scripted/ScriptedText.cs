using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>All values of the script are text.</summary>
internal sealed class ScriptedText : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        writer.WriteBytes(source);
        return true;
    }
}
