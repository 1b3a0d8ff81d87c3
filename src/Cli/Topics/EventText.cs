using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cdc.Cli.Output;
using Cdc.Control.Commands;

namespace Cdc.Cli.Topics;

/// <summary>Topics and their events, for people and for programs.</summary>
internal static class EventText
{
    public static string Of(TopicListing listing)
    {
        if (listing.Topics.Count == 0)
            return "The log has no topic yet: nothing was captured.\n";
        var table = new TextTable(
            ("topic", Alignment.Left), ("table", Alignment.Left), ("partitions", Alignment.Right), ("records", Alignment.Right),
            ("first", Alignment.Right), ("next", Alignment.Right), ("last commit", Alignment.Left));
        foreach (var topic in listing.Topics)
        {
            var last = topic.Partitions.Max(partition => partition.LastCommit);
            var only = topic.Partitions.Count == 1 ? topic.Partitions[0] : null;
            table.Add(topic.Topic, topic.Table ?? "", Number(topic.Partitions.Count), Count(RecordsOf(topic)),
                only is null ? "" : Number(only.FirstOffset), only is null ? "" : Number(only.NextOffset), Seconds(last));
            foreach (var partition in only is null ? topic.Partitions : [])
            {
                table.Add($"  partition {Number(partition.Partition)}", "", "", Count(partition.NextOffset - partition.FirstOffset),
                    Number(partition.FirstOffset), Number(partition.NextOffset), Seconds(partition.LastCommit));
            }
        }

        return table.ToString();
    }

    public static JsonObject AsJson(ListedTopic topic) => new()
    {
        ["topic"] = topic.Topic,
        ["table"] = topic.Table,
        ["records"] = RecordsOf(topic),
        ["lastCommit"] = topic.Partitions.Max(partition => partition.LastCommit),
        ["partitions"] = new JsonArray([.. topic.Partitions.Select(partition => new JsonObject
        {
            ["partition"] = partition.Partition, ["first"] = partition.FirstOffset, ["next"] = partition.NextOffset,
            ["lastCommit"] = partition.LastCommit,
        })]),
    };

    /// <summary>What is shown of a topic, above its events.</summary>
    public static string Heading(ListedTopic topic)
    {
        var records = RecordsOf(topic);
        var name = topic.Table is { } table ? $"{topic.Topic}, table {table}" : topic.Topic;
        var held = string.Concat(topic.Partitions.Where(partition => partition.NextOffset > partition.FirstOffset)
            .Select(partition => $", {Held(partition, isOne: topic.Partitions.Count == 1)}"));
        return Terminal.Visible($"Topic {name}: {Count(records)} record{(records == 1 ? "" : "s")}{held}.") + "\n";
    }

    private static string Held(ListedPartition partition, bool isOne) =>
        (isOne ? "" : $"partition {Number(partition.Partition)} ") +
        $"offsets {Number(partition.FirstOffset)} to {Number(partition.NextOffset - 1)}";

    public static string Of(ShownEvent shown)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\npartition {shown.Partition}  offset {shown.Offset}");
        if (shown.Error is { } error)
            return text.Append("  cannot be read: ").Append(Terminal.Visible(error)).Append('\n').ToString();
        text.Append("  ").Append(shown.Op);
        if (shown.Reason is { } reason)
            text.Append(" (").Append(Terminal.Visible(reason)).Append(')');
        if (shown.Committed is { } committed)
            text.Append("  ").Append(committed);
        text.Append('\n');
        Append(text, "key", shown.Key, []);
        Append(text, "before", shown.Before, [], skipsNulls: IsKeyOnly(shown));
        Append(text, "after", shown.After, shown.Unchanged ?? []);
        return text.ToString();
    }

    public static JsonObject AsJson(string topic, ShownEvent shown) => new()
    {
        ["topic"] = topic,
        ["partition"] = shown.Partition,
        ["offset"] = shown.Offset,
        ["op"] = shown.Op,
        ["committed"] = shown.Committed,
        ["reason"] = shown.Reason,
        ["key"] = Node(shown.Key),
        ["before"] = Node(shown.Before),
        ["after"] = Node(shown.After),
        ["unchanged"] = shown.Unchanged is { } unchanged ? new JsonArray([.. unchanged.Select(name => JsonValue.Create(name))]) : null,
        ["error"] = shown.Error,
    };

    /// <summary>
    /// Most tables send of the row before no more than its key; the other columns, which are null then, would be taken for its values.
    /// </summary>
    private static bool IsKeyOnly(ShownEvent shown) => shown is { Key: { } key, Before: { } before }
        && before.EnumerateObject().All(column => column.Value.ValueKind == JsonValueKind.Null || key.TryGetProperty(column.Name, out _));

    private static void Append(StringBuilder text, string what, JsonElement? row, IReadOnlyList<string> unchanged, bool skipsNulls = false)
    {
        if (row is not { } columns)
            return;
        var values = columns.EnumerateObject().Where(column => !skipsNulls || column.Value.ValueKind != JsonValueKind.Null)
            .Select(column => $"{Terminal.Visible(column.Name)}: {ValueText(column.Value)}")
            .Concat(unchanged.Select(name => $"{Terminal.Visible(name)}: (unchanged)"));
        text.Append("  ").Append(what.PadRight(8)).AppendJoin(", ", values).Append('\n');
    }

    private static string ValueText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Quoted(Terminal.Visible(value.GetString()!)),
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(ValueText))}]",
        _ => value.GetRawText(),
    };

    /// <summary>In quotes where it would be taken for something else: for a number of columns, for null, or for nothing.</summary>
    private static string Quoted(string text) =>
        text is "" or "null" or "(unchanged)" || text != text.Trim() || text.Contains(", ", StringComparison.Ordinal)
            || text.AsSpan().IndexOfAny("[]'") >= 0
            ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'"
            : text;

    private static JsonObject? Node(JsonElement? element) => element is { } row ? JsonObject.Create(row) : null;

    private static long RecordsOf(ListedTopic topic) => topic.Partitions.Sum(partition => partition.NextOffset - partition.FirstOffset);

    private static string Seconds(string? time) => time is null ? "" : time[..time.LastIndexOf('.')] + "Z";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
