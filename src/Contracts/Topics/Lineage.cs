namespace Cdc.Contracts.Topics;

/// <summary>
/// Where somebody asks that every table be read again, a gap is acknowledged: capture begins another lineage, in the append that starts the
/// tables again. So a sink can tell a snapshot that was begun after its gap from one that a copy of the log brought back (Invariant 6).
/// </summary>
public static class Lineage
{
    private const string Key = "lineage";

    /// <summary>The lineage that the checkpoint notes; null for the first one.</summary>
    public static string? Read(Checkpoint checkpoint) => checkpoint[Key];

    public static CheckpointEntry Begin() => new(Key, Guid.CreateVersion7().ToString("N")); // In order of time, also as text.

    /// <summary>Whether a lineage was begun after another; null stands for the first one.</summary>
    public static bool IsNewer(string? lineage, string? than) => string.CompareOrdinal(lineage, than) > 0;
}
