using System.Collections.Concurrent;
using System.Text.Json;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>
/// Tables that stand still while the others go on. Each is noted in the checkpoint in the very append that passes its first unpublished
/// change, so no restart forgets it; only a re-read lets it go on.
/// </summary>
public sealed class StoppedTables
{
    private const string KeyPrefix = "stopped/";

    private readonly ConcurrentDictionary<TableId, string> reasons = new();
    private readonly List<CheckpointEntry> news = [];
    private readonly Action<TableId, CdcException> onStop;

    public StoppedTables(Checkpoint checkpoint, Action<TableId, CdcException> onStop)
    {
        this.onStop = onStop;
        foreach (var (key, value) in checkpoint.Entries.Where(entry => entry.Key.StartsWith(KeyPrefix, StringComparison.Ordinal)))
        {
            var note = JsonSerializer.Deserialize<Note>(value)!;
            reasons[new TableId(note.Schema, note.Table)] = note.Reason;
        }
    }

    public bool HasNews => news.Count > 0;

    /// <summary>Why each stopped table stands still.</summary>
    public IReadOnlyDictionary<TableId, string> Reasons => reasons;

    public bool IsStopped(TableId table) => !reasons.IsEmpty && reasons.ContainsKey(table);

    public void Stop(TableId table, CdcException error)
    {
        var note = new Note(table.Schema, table.Name, error.Describe());
        if (!reasons.TryAdd(table, note.Reason))
            return;
        news.Add(new CheckpointEntry(KeyPrefix + table, JsonSerializer.Serialize(note)));
        onStop(table, error);
    }

    /// <summary>The table is to be read again as a whole, and goes on; false where it was not stopped.</summary>
    public bool Resume(TableId table)
    {
        if (!reasons.TryRemove(table, out _))
            return false;
        news.Add(new CheckpointEntry(KeyPrefix + table, null));
        return true;
    }

    public IReadOnlyList<CheckpointEntry> TakeNews()
    {
        IReadOnlyList<CheckpointEntry> taken = [.. news];
        news.Clear();
        return taken;
    }

    private sealed record Note(string Schema, string Table, string Reason);
}
