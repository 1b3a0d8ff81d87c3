namespace Cdc.Contracts.Topics;

/// <summary>
/// A capture that begins anew behind a gap gives what it writes from then on another lineage, in the append that moves its position: offsets
/// that a sink applied before are of another history, for the log itself may have lost its end meanwhile (Invariant 6).
/// </summary>
public static class Lineage
{
    private const string Key = "lineage";

    /// <summary>The lineage that the checkpoint notes; null for the first one.</summary>
    public static string? Read(Checkpoint checkpoint) => checkpoint[Key];

    public static CheckpointEntry Begin() => new(Key, Guid.NewGuid().ToString("N"));
}
