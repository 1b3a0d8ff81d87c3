using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tables;

/// <summary>
/// The health of every table of a source. A table that stops is noted in the checkpoint in the very append that passes its first
/// unpublished change, so no restart forgets it; only a re-read lets it continue.
/// </summary>
public sealed class TablesHealth
{
    private const string KeyPrefix = "stopped/";

    private readonly ConcurrentDictionary<TableId, TableHealth> tables = new();
    private readonly Dictionary<TableId, CheckpointEntry> news = [];
    private readonly List<CheckpointEntry> renamed = [];
    private readonly Dictionary<TableId, TableHealth> earlier;
    private readonly TimeProvider clock;
    private readonly long? maxValueBytes;
    private int unpublished;
    private int moves;
    private int taken;
    private int noted;

    /// <param name="checkpoint">Says which tables are stopped.</param>
    /// <param name="clock">Measures pauses.</param>
    /// <param name="before">Of the session before: pauses do not start over because a connection broke.</param>
    /// <param name="maxValueBytes">The largest value that is taken; a table that stopped for less is tried again.</param>
    public TablesHealth(Checkpoint checkpoint, TimeProvider clock, TablesHealth? before = null, long? maxValueBytes = null)
    {
        this.clock = clock;
        this.maxValueBytes = maxValueBytes;
        earlier = before?.tables.Values.Where(known => known.Trouble is not null || known.Losses > 0).ToDictionary(known => known.Table)
            ?? [];
        foreach (var (key, value) in checkpoint.Entries.Where(entry => entry.Key.StartsWith(KeyPrefix, StringComparison.Ordinal)))
        {
            var note = Read(value);
            Restore(note);
            var now = KeyPrefix + new TableId(note.Schema, note.Table).ToKey();
            if (now != key) // One of before keys told tables apart whose names hold dots.
                renamed.AddRange([new CheckpointEntry(key, null), new CheckpointEntry(now, value)]);
        }
    }

    /// <summary>Told when a table begins to have a trouble.</summary>
    public Action<TableHealth, CdcException>? OnTrouble { get; init; }

    /// <summary>The longest pause before what failed is tried again.</summary>
    public TimeSpan LongestPause { get; init; } = TableTrouble.UsualLongestPause;

    /// <summary>Every table met so far, by any thread.</summary>
    public IReadOnlyDictionary<TableId, TableHealth> All => tables;

    public bool HasNews => news.Count > 0 || renamed.Count > 0 || taken != moves;

    /// <summary>
    /// Nobody who waits for the end of all reads need wait any longer: every table is settled, and what settled it is durable. A process
    /// that ends then has lost nothing of it.
    /// </summary>
    public bool AreSettled => tables.Values.All(table => table.IsSettled) && Volatile.Read(ref noted) == Volatile.Read(ref moves);

    /// <summary>How often a table moved until what the next append notes was last taken.</summary>
    public int MovesTaken => taken;

    internal DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>The table's health; one that is met for the first time waits. By the thread that moves them.</summary>
    public TableHealth Of(TableId table)
    {
        if (tables.TryGetValue(table, out var known))
            return known;
        known = new TableHealth(this, table);
        if (earlier.Remove(table, out var before))
            known.Restore(before.Trouble, before.Losses);
        return tables.GetOrAdd(table, known);
    }

    /// <summary>Whether changes of the table are published; asked for every change.</summary>
    public bool IsPublished(TableId table) => unpublished == 0 || !tables.TryGetValue(table, out var known) || known.IsPublished;

    /// <summary>The table is not known any more.</summary>
    public void Forget(TableId table)
    {
        if (!tables.TryRemove(table, out var known) || known.IsPublished)
            return;
        unpublished--;
        if (known.State == TableState.Stopped)
            news[table] = new CheckpointEntry(KeyPrefix + table.ToKey(), null);
    }

    /// <summary>What the next append notes of tables that stopped or continue.</summary>
    public IReadOnlyList<CheckpointEntry> TakeNews()
    {
        IReadOnlyList<CheckpointEntry> entries = [.. renamed, .. news.Values];
        renamed.Clear();
        news.Clear();
        taken = moves;
        return entries;
    }

    /// <summary>An append is durable, and with it what the tables had moved to by then.</summary>
    /// <param name="upTo">See <see cref="MovesTaken"/>.</param>
    public void Noted(int upTo) => Volatile.Write(ref noted, upTo);

    /// <summary>The trouble after one more try.</summary>
    internal TableTrouble After(TableTrouble? before, CdcException error) => TableTrouble.After(before, error, Now, LongestPause);

    internal void Told(TableHealth table, CdcException error) => OnTrouble?.Invoke(table, error);

    /// <summary>A table is published now or not, and was before or not.</summary>
    internal void Count(bool wasPublished, bool isPublished) => unpublished += (isPublished ? 0 : 1) - (wasPublished ? 0 : 1);

    /// <summary>Called before a table's state is another one, so that nobody sees that state and takes it for noted.</summary>
    internal void Moving() => Interlocked.Increment(ref moves);

    internal void Moved(TableHealth table, TableState before)
    {
        var wasPublished = before is not (TableState.Stopped or TableState.Gone);
        Count(wasPublished, table.IsPublished);
        if (table.State == TableState.Stopped && table.Trouble is { } trouble)
            news[table.Table] = new CheckpointEntry(KeyPrefix + table.Table.ToKey(), Write(table.Table, trouble.Error));
        else if (before == TableState.Stopped && table.State != TableState.Stopped)
            news[table.Table] = new CheckpointEntry(KeyPrefix + table.Table.ToKey(), null);
    }

    private void Restore(Note note)
    {
        var table = Of(new TableId(note.Schema, note.Table));
        var code = ErrorCodes.All.FirstOrDefault(known => note.Reason.StartsWith(known + " ", StringComparison.Ordinal));
        var error = code is null ? new CdcException(ErrorCodes.SourceTableUnreadable, note.Reason)
            : new CdcException(code, MessageOf(note.Reason, code));
        if (table.Trouble is null)
            table.Restore(After(null, error), table.Losses);
        table.Restore(TableState.Stopped);
        if (note.Limit is { } limit && (maxValueBytes is null || maxValueBytes > limit))
            table.TryNow();
    }

    private static string MessageOf(string line, ErrorCode code)
    {
        var text = line[(code.ToString().Length + 1)..];
        return text.EndsWith(code.Remedy, StringComparison.Ordinal) ? text[..^code.Remedy.Length].TrimEnd() : text;
    }

    private string Write(TableId table, CdcException error) => JsonSerializer.Serialize(new Note(table.Schema, table.Name, error.Describe())
    {
        Limit = error.Code == ErrorCodes.SourceValueTooLarge ? maxValueBytes : null,
    });

    private static Note Read(string value)
    {
        try
        {
            return JsonSerializer.Deserialize<Note>(value) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new CdcException(ErrorCodes.CheckpointUnreadable, "Reading the checkpoint, why a table is stopped is not understood.",
                error);
        }
    }

    private sealed record Note(string Schema, string Table, string Reason)
    {
        /// <summary>The largest value that was taken then, where one was larger.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Limit { get; init; }
    }
}
