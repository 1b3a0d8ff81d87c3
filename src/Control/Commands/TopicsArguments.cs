using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cdc.Control.Commands;

/// <summary>Which of a topic's times are wanted; looking for one costs a walk through a part of the log.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WantedTimes>))]
public enum WantedTimes
{
    None,

    /// <summary>When the last change of each partition was committed.</summary>
    Last,
}

/// <summary>Somebody asks what topics the log has: the body of <c>POST /api/v1/topics</c>.</summary>
public sealed record TopicsArguments(WantedTimes Times = WantedTimes.None);

/// <summary>The topics of the log, by name.</summary>
public sealed record TopicListing(IReadOnlyList<ListedTopic> Topics);

/// <summary>One topic.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Prefix">The source's, as far as it is noted.</param>
/// <param name="Table">The source's table, as far as it is noted.</param>
/// <param name="Partitions">In command of their numbers.</param>
public sealed record ListedTopic(string Topic, string? Prefix, string? Table, IReadOnlyList<ListedPartition> Partitions);

/// <summary>
/// One partition: the offsets that the log holds, and when its last change was committed, in UTC; null where that was not asked or nothing
/// tells.
/// </summary>
public sealed record ListedPartition(int Partition, long FirstOffset, long NextOffset, string? LastCommit = null);

/// <summary>Somebody asks for events of a topic, rows' values among them: the body of <c>POST /api/v1/events</c>.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="From">The partitions to read, each once, and the offset of each at which to begin.</param>
/// <param name="Limit">At most so many; an answer may have fewer though more are there.</param>
/// <param name="Cut">Longer values are cut at so many characters; null: never.</param>
public sealed record EventsArguments(string Topic, IReadOnlyList<PartitionPlace> From, int Limit, int? Cut = null);

/// <summary>A place in a partition.</summary>
public sealed record PartitionPlace(int Partition, long Offset);

/// <summary>Some events, in the command of the log.</summary>
/// <param name="Events">Those that were asked for.</param>
/// <param name="Next">Where each partition continues.</param>
/// <param name="IsEnd">Whether the log held no more.</param>
public sealed record EventPage(IReadOnlyList<ShownEvent> Events, IReadOnlyList<PartitionPlace> Next, bool IsEnd);

/// <summary>One record of a topic as people read it.</summary>
public sealed record ShownEvent(int Partition, long Offset)
{
    /// <summary>
    /// <c>insert</c>, <c>update</c>, <c>delete</c>, <c>read</c> (a row of a snapshot), <c>truncate</c> or <c>tombstone</c>; null where it
    /// cannot be read.
    /// </summary>
    public string? Op { get; init; }

    /// <summary>When the source committed the change, or read the row, in UTC; a tombstone has no time.</summary>
    public string? Committed { get; init; }

    /// <summary>Why the row was read; null for a change.</summary>
    public string? Reason { get; init; }

    /// <summary>The key's columns; null where the record has none.</summary>
    public JsonElement? Key { get; init; }

    /// <summary>The row before, as far as the source tells.</summary>
    public JsonElement? Before { get; init; }

    /// <summary>The row after.</summary>
    public JsonElement? After { get; init; }

    /// <summary>Columns of <see cref="After"/> whose value the source did not send, for it did not change; null for none.</summary>
    public IReadOnlyList<string>? Unchanged { get; init; }

    /// <summary>Why it cannot be read: code and text; null where it can.</summary>
    public string? Error { get; init; }
}
