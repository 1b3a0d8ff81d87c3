using System.Collections.Concurrent;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Sources;

/// <summary>
/// What a source knew of its tables when it last looked, as text of its own: kept in the checkpoint, so that changes which come after a
/// table has gone are understood, also when capture was down meanwhile. Any thread.
/// </summary>
public sealed class SourceMemory
{
    private const string KeyPrefix = "described/";

    private readonly ConcurrentDictionary<string, string> texts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string?> news = new(StringComparer.Ordinal);

    public SourceMemory(Checkpoint checkpoint)
    {
        foreach (var (key, value) in checkpoint.Entries.Where(entry => entry.Key.StartsWith(KeyPrefix, StringComparison.Ordinal)))
            texts[key] = value;
    }

    /// <summary>What was noted last; null where nothing was.</summary>
    public string? Of(TableId table) => texts.GetValueOrDefault(KeyPrefix + table.ToKey());

    /// <summary>The table was looked at; the next append notes it.</summary>
    public void Note(TableId table, string text)
    {
        var key = KeyPrefix + table.ToKey();
        if (texts.TryGetValue(key, out var known) && string.Equals(known, text, StringComparison.Ordinal))
            return;
        texts[key] = news[key] = text;
    }

    /// <summary>What came since the last call.</summary>
    public IEnumerable<CheckpointEntry> TakeNews()
    {
        foreach (var key in news.Keys)
        {
            if (news.TryRemove(key, out var text))
                yield return new CheckpointEntry(key, text);
        }
    }
}
