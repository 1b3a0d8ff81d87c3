using System.Text.Json;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Reading;

/// <summary>How the reading of tables is written into the checkpoint: an entry a table, and one a key that is to be read again.</summary>
internal static class ProgressText
{
    public const string RecentKey = "recent";
    private const string TablePrefix = "table/";
    private const string RereadPrefix = "reread/";
    private const string LookPrefix = "look/";

    public static CheckpointEntry Write(TableSnapshot table)
    {
        var parts = table.State == TableState.Reading ? table.Parts.Select(part => new OpaqueText(part.ToText())).ToList() : null;
        var note = new TableNote(table.Table.Schema, table.Table.Name, table.State.ToString(), table.SnapshotId, table.Reason)
        {
            Rows = table.Rows,
            EstimatedRows = table.EstimatedRows,
            StartedAt = table.StartedAt,
            IsJoining = table.IsJoining,
            JoinedAt = table.JoinedAt,
            Parts = parts,
            Files = table.State == TableState.Waiting ? null : table.Files?.ToDictionary(),
            Columns = table.Columns.ByName.ToDictionary(StringComparer.Ordinal),
            LastColumn = table.Columns.Last,
            IsUnread = table.IsUnread,
        };
        return new CheckpointEntry(TablePrefix + table.Table.ToKey(), JsonSerializer.Serialize(note));
    }

    public static IReadOnlyList<CheckpointEntry> Remove(
        TableId table) => [new(TablePrefix + table.ToKey(), null), new(LookPrefix + table.ToKey(), null)];

    /// <summary>What the catalog had of a table.</summary>
    public static CheckpointEntry WriteLook(TableSnapshot table) => new(LookPrefix + table.Table.ToKey(), table.Catalog.ToText());

    /// <summary>A key that came onto the list, or went off it.</summary>
    public static CheckpointEntry Write(TableSnapshot table, byte[] key) => new(
        $"{RereadPrefix}{table.Table.ToKey()}/{Convert.ToHexString(key)}",
        table.Rereads.TryGet(key, out var ofSnapshot)
            ? JsonSerializer.Serialize(new RereadNote(table.Table.Schema, table.Table.Name, ofSnapshot)) : null);

    /// <summary>The tables that the checkpoint knows. Throws <c>CDC-2025</c>.</summary>
    public static IReadOnlyList<TableSnapshot> Read(Checkpoint checkpoint, ReadLimits limits, TablesHealth health, ISourceNotes notes)
    {
        try
        {
            var tables = new Dictionary<TableId, TableSnapshot>();
            foreach (var (key, value) in checkpoint.Entries.Where(entry => entry.Key.StartsWith(TablePrefix, StringComparison.Ordinal)))
                ReadTable(JsonSerializer.Deserialize<TableNote>(value)!, checkpoint, limits, health, notes, tables);
            foreach (var (key, value) in checkpoint.Entries.Where(entry => entry.Key.StartsWith(RereadPrefix, StringComparison.Ordinal)))
                ReadKey(key, JsonSerializer.Deserialize<RereadNote>(value)!, limits, health, tables);
            return [.. tables.Values];
        }
        catch (Exception error) when (error is JsonException or FormatException or ArgumentException or NullReferenceException)
        {
            throw new CdcException(ErrorCodes.CheckpointUnreadable, "Reading the checkpoint, how far a table is read is not understood.",
                error);
        }
    }

    /// <summary>Entries whose key does not tell all tables apart, as before; each is noted again under a key that does.</summary>
    public static IReadOnlyList<CheckpointEntry> Rename(Checkpoint checkpoint)
    {
        var renamed = new List<CheckpointEntry>();
        foreach (var (key, value) in checkpoint.Entries)
        {
            var isTable = key.StartsWith(TablePrefix, StringComparison.Ordinal);
            if (!isTable && !key.StartsWith(RereadPrefix, StringComparison.Ordinal))
                continue;
            var note = JsonSerializer.Deserialize<NamedNote>(value)!;
            var tableKey = new TableId(note.Schema, note.Table).ToKey();
            var now = isTable ? TablePrefix + tableKey : RereadPrefix + tableKey + key[key.LastIndexOf('/')..];
            if (now != key)
                renamed.AddRange([new CheckpointEntry(key, null), new CheckpointEntry(now, value)]);
        }

        return renamed;
    }

    private static void ReadTable(
        TableNote note, Checkpoint checkpoint, ReadLimits limits, TablesHealth health, ISourceNotes notes,
        Dictionary<TableId, TableSnapshot> tables)
    {
        var table = new TableSnapshot(health.Of(new TableId(note.Schema, note.Table)), limits)
        {
            Rows = note.Rows,
            EstimatedRows = note.EstimatedRows,
            StartedAt = note.StartedAt,
            IsJoining = note.IsJoining,
            JoinedAt = note.JoinedAt,
            Columns = new ColumnNumbers(note.LastColumn, note.Columns),
            IsUnread = note.IsUnread,
        };
        if (checkpoint[LookPrefix + table.Table.ToKey()] is { } look)
            table.Catalog = NotedLook.Parse(look, notes);
        var parts = (note.Parts ?? []).Select(part => notes.ReadPart(part.Text));
        table.Resume(Enum.Parse<TableState>(note.State), note.SnapshotId, ReadReasons.Parse(note.Reason), parts, note.Files);
        tables.Add(table.Table, table);
    }

    private static void ReadKey(
        string entry, RereadNote note, ReadLimits limits, TablesHealth health, Dictionary<TableId, TableSnapshot> tables)
    {
        var id = new TableId(note.Schema, note.Table);
        if (!tables.TryGetValue(id, out var table))
            tables.Add(id, table = new TableSnapshot(health.Of(id), limits));
        table.Rereads.TryAdd(Convert.FromHexString(entry.AsSpan(entry.LastIndexOf('/') + 1)), at: 0, note.OfSnapshot);
        table.Rereads.TakeNews();
    }

    private sealed record TableNote(string Schema, string Table, string State, string SnapshotId, string Reason)
    {
        public long Rows { get; init; }

        public long EstimatedRows { get; init; }

        public DateTimeOffset? StartedAt { get; init; }

        public bool IsJoining { get; init; }

        public ulong? JoinedAt { get; init; }

        public List<OpaqueText>? Parts { get; init; }

        public Dictionary<uint, uint>? Files { get; init; }

        public Dictionary<string, int>? Columns { get; init; }

        public int LastColumn { get; init; }

        public bool IsUnread { get; init; }
    }

    private sealed record NamedNote(string Schema, string Table);

    private sealed record RereadNote(string Schema, string Table, bool OfSnapshot);
}
