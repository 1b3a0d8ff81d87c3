using Cdc.Contracts.Topics;

namespace Cdc.Capture.Sources;

/// <summary>A place in a source.</summary>
public abstract class SourceMark
{
    /// <summary>What to note in the checkpoint there.</summary>
    public abstract IReadOnlyList<CheckpointEntry> Entries { get; }
}
