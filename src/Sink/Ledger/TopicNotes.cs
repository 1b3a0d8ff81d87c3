using Cdc.Contracts.Topics;

namespace Cdc.Sink.Ledger;

/// <summary>What captures noted of their topics, as of one look at the log's checkpoints.</summary>
public sealed class TopicNotes
{
    private readonly Dictionary<string, SnapshotBounds> snapshots = new(StringComparer.Ordinal);
    private readonly List<PrefixNotes> prefixes = [];
    private readonly Dictionary<string, int> owners = new(StringComparer.Ordinal);

    private TopicNotes(IEnumerable<(string Prefix, Checkpoint Checkpoint)> checkpoints)
    {
        // Shorter prefixes first: what a longer one says of its topics counts.
        foreach (var (prefix, checkpoint) in checkpoints.OrderBy(noted => noted.Prefix.Length))
        {
            prefixes.Add(new PrefixNotes(prefix + ".", SourceDatabase.Read(checkpoint), Lineage.Read(checkpoint), checkpoint));
            foreach (var topic in TableTopic.NamesIn(checkpoint))
                owners[topic] = prefixes.Count - 1;
            foreach (var (topic, bounds) in SnapshotBounds.Read(checkpoint))
                snapshots[topic] = bounds;
        }
    }

    public static TopicNotes None { get; } = new([]);

    /// <summary>Reads all checkpoints; answers with the notes of before where none has changed. Throws <c>CDC-2025</c>.</summary>
    public static async ValueTask<TopicNotes> ReadAsync(IReadOnlyTopicLog log, TopicNotes before, CancellationToken cancellationToken)
    {
        var checkpoints = new List<(string Prefix, Checkpoint Checkpoint)>();
        foreach (var prefix in await log.ListPrefixesAsync(cancellationToken))
            checkpoints.Add((prefix, await log.ReadCheckpointAsync(prefix, cancellationToken)));
        var isSame = checkpoints.Count == before.prefixes.Count
            && before.prefixes.TrueForAll(noted =>
                checkpoints.Exists(one => noted.Prefix == one.Prefix + "." && ReferenceEquals(noted.Checkpoint, one.Checkpoint)));
        return isSame ? before : new TopicNotes(checkpoints);
    }

    /// <summary>Where the topic's newest snapshot lies, or null.</summary>
    public SnapshotBounds? SnapshotOf(string topic) => snapshots.GetValueOrDefault(topic);

    /// <summary>Whether a topic's table is being read, or still to be, where a sink is, as far as these notes know.</summary>
    public bool IsRead(string topic, IEnumerable<LedgerEntry> ledger)
    {
        if (SnapshotOf(topic) is not { } snapshot)
            return !owners.TryGetValue(topic, out var owner)
                || TableTopic.Find(prefixes[owner].Checkpoint, topic) is not { IsUnread: true };
        return !snapshot.IsComplete || ledger.Any(entry => string.Equals(entry.Partition.Topic, topic, StringComparison.Ordinal)
            && entry.Partition.Partition < snapshot.End.Length && entry.NextOffset < snapshot.End[entry.Partition.Partition]);
    }

    /// <summary>
    /// A topic's identity for the ledger: its own, and the lineage of what is written into it. Who holds it against a topic asked for the
    /// topic first: a lineage that is not noted yet began after.
    /// </summary>
    public string IdentityOf(TopicState topic) =>
        TopicIdentity.Of(topic.TopicId, NotesOf(topic.Topic)?.Lineage);

    /// <summary>The log's identity for the ledger: its own, and the newest lineage of what is written into it.</summary>
    public string IdentityOf(ITopicLog log) =>
        TopicIdentity.Of(log.LogId, prefixes.Select(noted => noted.Lineage).Max(StringComparer.Ordinal));

    /// <summary>Whether nobody acknowledged a gap since.</summary>
    public bool HasLineagesOf(TopicNotes other) =>
        prefixes.Select(noted => (noted.Prefix, noted.Lineage)).Where(noted => noted.Lineage is not null).ToHashSet()
            .SetEquals(other.prefixes.Select(noted => (noted.Prefix, noted.Lineage)).Where(noted => noted.Lineage is not null));

    /// <summary>The database the topic's records come from, where that is noted.</summary>
    public SourceDatabase? SourceOf(string topic) => NotesOf(topic)?.Source;

    /// <summary>The source's table, as the topic's records would name it; null where that is not noted. Throws <c>CDC-2025</c>.</summary>
    public SourceTableName? TableOf(string topic) =>
        owners.TryGetValue(topic, out var owner) && prefixes[owner] is { Source: { } source } noted
            && TableTopic.Find(noted.Checkpoint, topic) is { Table: var table }
            ? new SourceTableName(noted.Prefix[..^1], source.Database, table.Schema, table.Name)
            : null;

    /// <summary>
    /// Of the prefix that has the topic; where none notes so, for it is not captured yet or by an older version, the longest that fits.
    /// </summary>
    private PrefixNotes? NotesOf(string topic) => owners.TryGetValue(topic, out var owner)
        ? prefixes[owner]
        : prefixes.FindLast(noted => topic.StartsWith(noted.Prefix, StringComparison.Ordinal));

    /// <summary>What one capture noted of all its topics.</summary>
    /// <param name="Prefix">Theirs, with the dot behind it.</param>
    /// <param name="Source">The database that their records are of; null where that is not noted.</param>
    /// <param name="Lineage">Null before anybody acknowledged a gap.</param>
    /// <param name="Checkpoint">All of it.</param>
    private sealed record PrefixNotes(string Prefix, SourceDatabase? Source, string? Lineage, Checkpoint Checkpoint);
}
