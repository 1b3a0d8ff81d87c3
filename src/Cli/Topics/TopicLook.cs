using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Control.Commands;
using Cdc.Sink.Ledger;

namespace Cdc.Cli.Topics;

/// <summary>
/// Looks at what a log holds, beside those who write and read it, or where nobody does. Rows' values leave the log only through here, for
/// who asked for them (Invariant 8). One look is one thread's.
/// </summary>
internal sealed class TopicLook(IReadOnlyTopicLog log, IReadOnlySchemaRegistry registry)
{
    /// <summary>The most events of one answer.</summary>
    private const int MostEvents = 1000;

    /// <summary>An answer is closed at so many bytes of records (Invariant 7).</summary>
    private const long MostBytes = 4 << 20;

    public async Task<TopicListing> ListAsync(TopicsArguments arguments, CancellationToken cancellationToken)
    {
        var notes = await TopicNotes.ReadAsync(log, TopicNotes.None, cancellationToken);
        var listed = new List<ListedTopic>();
        foreach (var topic in (await log.DescribeTopicsAsync(topic => !TopicNaming.IsInternal(topic), cancellationToken))
            .OrderBy(topic => topic.Topic, StringComparer.Ordinal))
        {
            var partitions = new List<ListedPartition>();
            foreach (var partition in topic.Partitions)
            {
                var last = arguments.Times == WantedTimes.Last ? await LastCommitAsync(topic.Topic, partition, cancellationToken) : null;
                partitions.Add(new ListedPartition(partition.Partition, partition.FirstOffset, partition.NextOffset, last));
            }

            listed.Add(notes.TableOf(topic.Topic) is { } table
                ? new ListedTopic(topic.Topic, table.Source, $"{table.Schema}.{table.Table}", partitions)
                : new ListedTopic(topic.Topic, null, null, partitions));
        }

        return new TopicListing(listed);
    }

    /// <summary>Throws <c>CDC-3010</c> to <c>CDC-3012</c> where the log has no such place.</summary>
    public async Task<EventPage> ReadAsync(EventsArguments arguments, CancellationToken cancellationToken)
    {
        var page = new Page(new EventReading(registry, arguments.Topic, arguments.Cut is > 0 ? arguments.Cut : null), arguments.From,
            Math.Clamp(arguments.Limit, 1, MostEvents));
        await using var reader = await log.OpenReaderAsync(
            [.. arguments.From.Select(place => new TopicOffset(arguments.Topic, place.Partition, place.Offset))], cancellationToken);
        while (!page.IsFull)
        {
            using var block = await reader.ReadAsync(TimeSpan.Zero, cancellationToken);
            if (block.IsEmpty)
                return page.Close(isEnd: true);
            while (page.Take(block) is { } missing)
                await page.Reading.FetchAsync(missing, cancellationToken);
        }

        return page.Close(isEnd: false);
    }

    /// <summary>The time of a partition's last change, whose tombstone may lie behind it; null where the log holds none.</summary>
    private async Task<string?> LastCommitAsync(string topic, PartitionState partition, CancellationToken cancellationToken)
    {
        if (partition.NextOffset == partition.FirstOffset)
            return null;
        var place = new PartitionPlace(partition.Partition, Math.Max(partition.FirstOffset, partition.NextOffset - 2));
        try
        {
            var page = await ReadAsync(new EventsArguments(topic, [place], Limit: 2, Cut: 1), cancellationToken);
            return page.Events.LastOrDefault(shown => shown.Committed is not null)?.Committed;
        }
        catch (CdcException error) when (error.Kind == ErrorKind.LogPositionLost)
        {
            return null; // Retention took it meanwhile; the other topics are listed all the same.
        }
    }

    /// <summary>An answer that is being put together.</summary>
    private sealed class Page(EventReading reading, IReadOnlyList<PartitionPlace> from, int limit)
    {
        private readonly List<ShownEvent> events = [];
        private readonly long[] next = [.. from.Select(place => place.Offset)];
        private long bytes;

        public EventReading Reading { get; } = reading;

        public bool IsFull => events.Count >= limit || bytes >= MostBytes;

        /// <summary>Takes what there is room for; answers with the numbers of schemas that have to be fetched first.</summary>
        public (int Key, int Value)? Take(RecordBlock block)
        {
            while (!IsFull)
            {
                if (!block.TryRead(out var record, out var number, out var offset))
                {
                    for (var i = 0; i < next.Length; i++)
                        next[i] = block.NextOffsets[i];
                    return null;
                }

                if (Reading.TryRead(record, from[number].Partition, offset, out var missing) is not { } shown)
                {
                    block.StepBack();
                    return missing;
                }

                events.Add(shown);
                next[number] = offset + 1;
                bytes += record.Key.Length + record.Value.Length;
            }

            return null;
        }

        public EventPage Close(bool isEnd) => new(events, [.. from.Select((place, i) => place with { Offset = next[i] })], isEnd);
    }
}
