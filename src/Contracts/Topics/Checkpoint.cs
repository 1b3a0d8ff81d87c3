namespace Cdc.Contracts.Topics;

/// <summary>One changed entry of a checkpoint; a value of null removes it.</summary>
public readonly record struct CheckpointEntry(string Key, string? Value);

/// <summary>
/// What a writer noted beside its records, entry by entry, as of its last durable append. The log keeps the entries and does not read them.
/// </summary>
public sealed class Checkpoint(IEnumerable<KeyValuePair<string, string>> entries)
{
    public static Checkpoint Empty { get; } = new([]);

    public IReadOnlyDictionary<string, string> Entries { get; } = new Dictionary<string, string>(entries, StringComparer.Ordinal);

    public bool IsEmpty => Entries.Count == 0;

    /// <summary>An entry's value, or null.</summary>
    public string? this[string key] => Entries.GetValueOrDefault(key);
}
