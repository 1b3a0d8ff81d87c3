using System.Globalization;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Control.Commands;

namespace Cdc.Cli.Topics;

/// <summary>What somebody asked for of a topic, found among the topics there are.</summary>
internal static class TopicChoice
{
    private const int MostNamed = 10;

    /// <summary>
    /// The topic of that name, or of the table that is written as its source spells it, with the topic's prefix or without. Throws
    /// <c>CDC-1040</c>.
    /// </summary>
    public static ListedTopic Find(TopicListing listing, string asked)
    {
        if (listing.Topics.FirstOrDefault(topic => string.Equals(topic.Topic, asked, StringComparison.Ordinal)) is { } exact)
            return exact;
        var escaped = TopicNaming.EscapePattern(asked);
        var found = listing.Topics.Where(topic => string.Equals(topic.Topic, escaped, StringComparison.Ordinal)
            || (topic.Table is { } table && (string.Equals(table, asked, StringComparison.Ordinal)
                || string.Equals($"{topic.Prefix}.{table}", asked, StringComparison.Ordinal)))).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw Unknown($"Looking for topic '{asked}', {Near(listing, asked)}."),
            _ => throw Unknown($"Looking for topic '{asked}', several were found: {Named(found)}; expected the name of one."),
        };
    }

    /// <summary>Where to begin reading: at the given offset, or so that the last events are read. Throws <c>CDC-1041</c>.</summary>
    public static IReadOnlyList<PartitionPlace> Places(ListedTopic topic, int? partition, long? from, int limit)
    {
        var partitions = topic.Partitions.Where(held => partition is null || held.Partition == partition).ToList();
        if (partitions.Count == 0)
            throw Nowhere(topic, Text($"partition {partition} was asked for; its partitions are 0 to {topic.Partitions.Count - 1}"));
        if (from is not { } offset)
            return [.. partitions.Select(held => new PartitionPlace(held.Partition, Math.Max(held.FirstOffset, held.NextOffset - limit)))];
        if (partitions.Count > 1)
            throw Nowhere(topic, Text(
                $"'--from {offset}' was found without '--partition'; each of its {partitions.Count} partitions counts its own offsets"));
        var only = partitions[0];
        return offset >= only.FirstOffset && offset <= only.NextOffset
            ? [new PartitionPlace(only.Partition, offset)]
            : throw Nowhere(topic, Text($"offset {offset} of partition {only.Partition} was asked for; {Held(only)}"));
    }

    private static string Held(ListedPartition partition) =>
        Text($"the log holds {partition.FirstOffset} to {partition.NextOffset - 1}, and {partition.NextOffset} is next");

    private static string Near(TopicListing listing, string asked)
    {
        if (listing.Topics.Count == 0)
            return "the log was found to have no topic yet";
        var names = listing.Topics.Select(topic => topic.Topic).Concat(listing.Topics.Select(topic => topic.Table).OfType<string>());
        return NearestName.Find(asked, names) is { } near
            ? $"none was found; the nearest is '{near}'"
            : $"none was found among {Named(listing.Topics)}";
    }

    private static string Named(IReadOnlyList<ListedTopic> topics) =>
        string.Join(", ", topics.Take(MostNamed).Select(topic => $"'{topic.Topic}'"))
            + (topics.Count > MostNamed ? Text($" and {topics.Count - MostNamed} more") : "");

    private static CdcException Unknown(string message) => new(ErrorCodes.TopicMeantUnknown, message);

    private static CdcException Nowhere(ListedTopic topic, string what) =>
        new(ErrorCodes.OffsetMeantUnknown, $"Looking at topic '{topic.Topic}', {what}.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
