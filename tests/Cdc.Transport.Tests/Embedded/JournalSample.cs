using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Tests.Embedded;

/// <summary>Everything a log holds, as one text to compare.</summary>
internal static class JournalSample
{
    public const string Prefix = "shop";
    public const string Topic = "shop.public.orders";

    public static EmbeddedLog Open(TestFolder folder, TestStorage? storage = null, long segmentBytes = 64L << 20) =>
        EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder.Path, SegmentBytes = segmentBytes }, TimeProvider.System,
            storage ?? new TestStorage());

    public static async Task<ITopicLogWriter> OpenWriterAsync(EmbeddedLog log, int partitions = 2)
    {
        var writer = await log.OpenWriterAsync(Prefix, CancellationToken.None);
        await writer.EnsureTopicAsync(Topic, partitions, CancellationToken.None);
        return writer;
    }

    /// <summary>One append to both partitions of the topic, with entries.</summary>
    public static async Task AppendAsync(ITopicLogWriter writer, int number)
    {
        using var batch = TestRecords.BatchOf((Topic, 0, $"a{number}"), (Topic, 1, $"b{number}"), (Topic, 0, $"c{number}"));
        CheckpointEntry[] entries = [new("position", $"{number}"), new($"e{number}", "x"), new($"e{number - 1}", null)];
        await writer.AppendAsync(batch, _ => entries, CancellationToken.None);
    }

    /// <summary>Space is given back after an append was answered; what is asked next is answered after that.</summary>
    public static async Task AfterRetentionAsync(EmbeddedLog log)
    {
        // Retention runs after an answer, of this very question too: the second one is answered when that is done.
        await log.ReadCheckpointAsync(Prefix, CancellationToken.None);
        await log.ReadCheckpointAsync(Prefix, CancellationToken.None);
    }

    public static async Task<string> DescribeAsync(IReadOnlyTopicLog log)
    {
        var lines = new List<string>();
        foreach (var topic in await log.DescribeTopicsAsync(_ => true, CancellationToken.None))
        {
            lines.Add($"{topic.Topic} {topic.TopicId}");
            foreach (var (partition, first, next) in topic.Partitions)
            {
                lines.Add(FormattableString.Invariant($" {partition}: {first}-{next}"));
                lines.AddRange((await log.ReadAllAsync(new TopicOffset(topic.Topic, partition, first))).Select(record =>
                    $"  {record.Offset} {record.Value}"));
            }
        }

        var checkpoint = await log.ReadCheckpointAsync(Prefix, CancellationToken.None);
        lines.AddRange(checkpoint.Entries.Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal));
        return string.Join('\n', lines);
    }
}
