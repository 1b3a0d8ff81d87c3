using System.Collections.Immutable;
using System.Text.Json;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Topics;

/// <summary>
/// Where the newest snapshot of a table lies in its topic. Capture keeps it in the checkpoint; a sink that applied all of it without a gap
/// removes what is older and was not read again, and one that comes late begins at its begin.
/// </summary>
/// <param name="Topic">The table's topic; one entry a topic.</param>
/// <param name="Id">The snapshot's id, as the records' <c>read</c> field tells it.</param>
/// <param name="Reason">
/// Why it was made: <c>first</c>, <c>gap</c> where changes are missing, or <c>recheck</c> where the catalog differed.
/// </param>
/// <param name="Begin">By partition in use: the offset the next record had when the snapshot began.</param>
/// <param name="End">By partition in use: an offset behind its last record; empty while it runs.</param>
public sealed record SnapshotBounds(string Topic, string Id, string Reason, ImmutableArray<long> Begin, ImmutableArray<long> End)
{
    private const string KeyPrefix = "snapshot/";

    /// <summary>Changes before it are missing, or somebody said so. Earlier versions wrote <c>repair</c>.</summary>
    public const string Gap = "gap";

    /// <summary>The catalog differed from what the records before it are of.</summary>
    public const string Recheck = "recheck";

    private const string Repair = "repair";

    public bool IsComplete => !End.IsEmpty;

    /// <summary>Whether it came after another one, to replace what that left.</summary>
    public bool IsAgain => Reason is Gap or Recheck;

    public CheckpointEntry ToEntry() => new(KeyPrefix + Topic, JsonSerializer.Serialize(new Note(Id, Reason, [.. Begin], [.. End])));

    /// <summary>Removes what is noted of a topic.</summary>
    public static CheckpointEntry Removal(string topic) => new(KeyPrefix + topic, null);

    /// <summary>By topic, what the checkpoint notes. Throws <c>CDC-2025</c>.</summary>
    public static IReadOnlyDictionary<string, SnapshotBounds> Read(Checkpoint checkpoint) => checkpoint.Entries
        .Where(entry => entry.Key.StartsWith(KeyPrefix, StringComparison.Ordinal))
        .Select(entry => Parse(entry.Key[KeyPrefix.Length..], entry.Value))
        .ToDictionary(bounds => bounds.Topic, StringComparer.Ordinal);

    private static SnapshotBounds Parse(string topic, string text)
    {
        try
        {
            var note = JsonSerializer.Deserialize<Note>(text)!;
            return new SnapshotBounds(topic, note.Id, note.Reason == Repair ? Gap : note.Reason, [.. note.Begin], [.. note.End]);
        }
        catch (Exception error) when (error is JsonException or ArgumentNullException or NullReferenceException)
        {
            throw new CdcException(ErrorCodes.CheckpointUnreadable,
                $"Reading the checkpoint, where the snapshot of topic '{topic}' lies is not understood.", error);
        }
    }

    private sealed record Note(string Id, string Reason, long[] Begin, long[] End);
}
