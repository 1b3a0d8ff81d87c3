using System.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Integration.Tests.Resync;

/// <summary>What a record of a table's topic says of itself; a snapshot and a reason only where a row was read.</summary>
internal sealed record LoggedEvent(int Partition, long Offset, Operation Operation, string Snapshot, string Reason)
{
    /// <summary>Every event that the log holds of a topic now; none where there is no such topic.</summary>
    public static async Task<IReadOnlyList<LoggedEvent>> ReadAsync(ITopicLog log, ISchemaRegistry registry, string topic)
    {
        var state = (await log.DescribeTopicsAsync(_ => true, CancellationToken.None)).SingleOrDefault(known => known.Topic == topic);
        var events = new List<LoggedEvent>();
        if (state is null)
            return events;
        await using var reader = await log.OpenReaderAsync(
            [.. state.Partitions.Select(partition => new TopicOffset(topic, partition.Partition, partition.FirstOffset))],
            CancellationToken.None);
        var decoders = new Dictionary<int, EventDecoder>();
        var next = state.Partitions.Select(partition => partition.FirstOffset).ToArray();
        while (state.Partitions.Any(partition => next[partition.Partition] < partition.NextOffset))
        {
            using var block = await reader.ReadAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
            while (Take(block, decoders, events, out var missing) is false)
                decoders.Add(missing,
                    new EventDecoder(AvroSchemaText.Parse(await registry.GetAsync(missing, CancellationToken.None)), null));
            for (var i = 0; i < block.Partitions.Count; i++)
                next[block.Partitions[i].Partition] = block.NextOffsets[i];
        }

        return events;
    }

    private static bool Take(RecordBlock block, Dictionary<int, EventDecoder> decoders, List<LoggedEvent> events, out int missing)
    {
        missing = 0;
        while (block.TryRead(out var record, out var partition, out var offset))
        {
            if (!record.HasValue)
                continue;
            var body = WireFormat.ReadBody(record.Value, out missing);
            if (!decoders.TryGetValue(missing, out var decoder))
            {
                block.StepBack();
                return false;
            }

            var change = decoder.Decode(body);
            events.Add(new LoggedEvent(
                block.Partitions[partition].Partition, offset, change.Operation, Encoding.UTF8.GetString(change.Snapshot),
                Encoding.UTF8.GetString(change.Reason)));
        }

        return true;
    }
}
