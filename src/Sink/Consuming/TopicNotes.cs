using Cdc.Contracts.Topics;

namespace Cdc.Sink.Consuming;

/// <summary>What captures noted of their topics, as of one look at the log's checkpoints.</summary>
public sealed class TopicNotes
{
    private readonly Dictionary<string, SnapshotBounds> snapshots = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, SourceDatabase? Source)> prefixes = [];

    private TopicNotes(IEnumerable<(string Prefix, Checkpoint Checkpoint)> checkpoints)
    {
        // Shorter prefixes first: what a longer one says of its topics counts.
        foreach (var (prefix, checkpoint) in checkpoints.OrderBy(noted => noted.Prefix.Length))
        {
            prefixes.Add((prefix + ".", SourceDatabase.Read(checkpoint)));
            foreach (var (topic, bounds) in SnapshotBounds.Read(checkpoint))
                snapshots[topic] = bounds;
        }
    }

    public static TopicNotes None { get; } = new([]);

    /// <summary>Reads all checkpoints. Throws <c>CDC-2025</c>.</summary>
    public static async ValueTask<TopicNotes> ReadAsync(ITopicLog log, CancellationToken cancellationToken)
    {
        var checkpoints = new List<(string, Checkpoint)>();
        foreach (var prefix in await log.ListPrefixesAsync(cancellationToken))
            checkpoints.Add((prefix, await log.ReadCheckpointAsync(prefix, cancellationToken)));
        return new TopicNotes(checkpoints);
    }

    /// <summary>Where the topic's newest snapshot lies, or null.</summary>
    public SnapshotBounds? SnapshotOf(string topic) => snapshots.GetValueOrDefault(topic);

    /// <summary>The database the topic's records come from, where that is noted.</summary>
    public SourceDatabase? SourceOf(string topic) =>
        prefixes.FindLast(noted => topic.StartsWith(noted.Prefix, StringComparison.Ordinal)).Source;
}
