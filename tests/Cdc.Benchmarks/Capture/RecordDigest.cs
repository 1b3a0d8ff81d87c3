using Cdc.Contracts.Avro;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Benchmarks.Capture;

/// <summary>The digest of encoded records, read as a sink reads them. A tombstone counts for nothing: its delete has counted.</summary>
internal sealed class RecordDigest(ISchemaRegistry registry)
{
    private readonly Dictionary<(int, int), EventDecoder> decoders = [];
    private ChangeDigest digest;

    public ulong Sum => digest.Sum;

    /// <summary>Of all that a log holds, each topic in one partition.</summary>
    public static async Task<ulong> OfAsync(ITopicLog log, ISchemaRegistry registry)
    {
        var sum = new RecordDigest(registry);
        var topics = await log.DescribeTopicsAsync(_ => true, CancellationToken.None);
        await using var reader = await log.OpenReaderAsync([.. topics.Select(topic => new TopicOffset(topic.Topic, 0, 0))],
            CancellationToken.None);
        for (var left = topics.Sum(topic => topic.Partitions[0].NextOffset); left > 0;)
        {
            using var block = await reader.ReadAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
            for (; block.TryRead(out var record, out _, out _); left--)
                sum.Add(record);
        }

        return sum.Sum;
    }

    public void Add(RecordView record)
    {
        if (!record.HasValue)
            return;
        WireFormat.ReadBody(record.Key, out var key);
        var body = WireFormat.ReadBody(record.Value, out var value);
        if (!decoders.TryGetValue((key, value), out var decoder))
            decoders.Add((key, value), decoder = new EventDecoder(SchemaOf(value), SchemaOf(key)));
        var change = decoder.Decode(body);
        if (change.Operation == Operation.Delete)
            digest.Add('d', new AvroReader(change.Before.Bytes(0)).ReadLong(), []);
        else
            digest.Add((char)change.Operation, new AvroReader(change.After.Bytes(0)).ReadLong(),
                new AvroReader(change.After.Bytes(9)).ReadBytes());
    }

    // Both registries that are asked answer at once.
    private AvroSchema SchemaOf(int id) => AvroSchemaText.Parse(registry.GetAsync(id, CancellationToken.None).AsTask().Result);
}
