using Cdc.Capture.Reading;

namespace Cdc.Capture.Tests.Reading;

/// <summary>A chunk under way: a window, then rows and what was seen with them, then the position.</summary>
internal sealed class OpenChunk(ChunkWindow window)
{
    public ChunkWindow Window { get; } = window;

    public List<ModelVersion> Rows { get; set; } = [];

    public ChunkFacts? Facts { get; set; }
}
