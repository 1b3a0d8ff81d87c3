using System.Text.Json;
using System.Text.Json.Serialization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Topics;

/// <summary>
/// Which table a topic is of. Capture notes it in the checkpoint no later than the topic's first records: the table keeps the topic,
/// however topics are named later, and no other table ever gets it.
/// </summary>
public sealed record TableTopic(string Topic, TableId Table)
{
    /// <summary>The table is only streamed, not read, unless somebody asks: rows of before the topic never come.</summary>
    public bool IsUnread { get; init; }

    private const string KeyPrefix = "topic/";

    public CheckpointEntry ToEntry() => new(KeyPrefix + Topic, JsonSerializer.Serialize(new Note(Table.Schema, Table.Name, IsUnread)));

    /// <summary>The topics that the checkpoint notes, by name only.</summary>
    public static IEnumerable<string> NamesIn(Checkpoint checkpoint) =>
        checkpoint.Entries.Keys.Where(key => key.StartsWith(KeyPrefix, StringComparison.Ordinal)).Select(key => key[KeyPrefix.Length..]);

    /// <summary>What the checkpoint notes. Throws <c>CDC-2025</c>.</summary>
    public static IReadOnlyList<TableTopic> Read(
        Checkpoint checkpoint) => [.. NamesIn(checkpoint).Select(topic => Parse(topic, checkpoint[KeyPrefix + topic]!))];

    /// <summary>What the checkpoint notes of one topic; null for nothing. Throws <c>CDC-2025</c>.</summary>
    public static TableTopic? Find(Checkpoint checkpoint, string topic) => checkpoint[KeyPrefix + topic] is { } text ? Parse(topic, text)
        : null;

    private static TableTopic Parse(string topic, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Note>(text) is { Schema: { } schema, Table: { } table } note
                ? new TableTopic(topic, new TableId(schema, table)) { IsUnread = note.Unread }
                : throw new JsonException("It names no table.");
        }
        catch (JsonException error)
        {
            throw new CdcException(ErrorCodes.CheckpointUnreadable,
                $"Reading the checkpoint, which table topic '{topic}' is of is not understood.", error);
        }
    }

    private sealed record Note(
        string? Schema, string? Table, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Unread = false);
}
