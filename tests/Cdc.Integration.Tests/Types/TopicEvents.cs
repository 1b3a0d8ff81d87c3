using System.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Integration.Tests.Types;

/// <summary>An event of a topic; of each image, by column, the case and the very bytes that stand in the record.</summary>
internal sealed record TopicEvent(Operation Operation, TableSchema Schema, IReadOnlyList<string> Before, IReadOnlyList<string> After)
{
    /// <summary>Everything a topic of one partition holds.</summary>
    public static async Task<IReadOnlyList<TopicEvent>> ReadAllAsync(
        ITopicLog log, ISchemaRegistry registry, string topic, CancellationToken cancellationToken)
    {
        var events = new List<TopicEvent>();
        var state = Assert.Single(await log.DescribeTopicsAsync(_ => true, cancellationToken), state => state.Topic == topic);
        var end = Assert.Single(state.Partitions).NextOffset;
        await using var reader = await log.OpenReaderAsync([new TopicOffset(topic, 0, 0)], cancellationToken);
        for (var next = 0L; next < end;)
        {
            using var block = await reader.ReadAsync(TimeSpan.FromSeconds(5), cancellationToken);
            foreach (var (key, value) in Records(block))
                events.Add(await DecodeAsync(registry, key, value, cancellationToken));
            next = block.NextOffsets[0];
        }

        return events;
    }

    /// <summary>Which columns' bytes differ, by name.</summary>
    public static IEnumerable<string> Differences(TableSchema schema, IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        schema.Columns.Select((column, i) => (column, i)).Where(pair => one[pair.i] != other[pair.i])
            .Select(pair => $"{pair.column.Name} {pair.column.SourceType}: {one[pair.i]}, {other[pair.i]}");

    private static List<(byte[]? Key, byte[] Value)> Records(RecordBlock block)
    {
        var records = new List<(byte[]? Key, byte[] Value)>();
        while (block.TryRead(out var record, out _, out _))
        {
            if (record.HasValue)
                records.Add((record.HasKey ? record.Key.ToArray() : null, record.Value.ToArray()));
        }

        return records;
    }

    private static async Task<TopicEvent> DecodeAsync(
        ISchemaRegistry registry, byte[]? key, byte[] value, CancellationToken cancellationToken)
    {
        WireFormat.ReadBody(value, out var valueId);
        var keyId = 0;
        if (key is not null)
            WireFormat.ReadBody(key, out keyId);
        var valueSchema = AvroSchemaText.Parse(await registry.GetAsync(valueId, cancellationToken));
        var keySchema = keyId == 0 ? null : AvroSchemaText.Parse(await registry.GetAsync(keyId, cancellationToken));
        var decoder = new EventDecoder(valueSchema, keySchema);
        var change = decoder.Decode(WireFormat.ReadBody(value, out _));
        return new TopicEvent(change.Operation, decoder.Schema, Columns(change.Before), Columns(change.After));
    }

    private static List<string> Columns(RowImage image)
    {
        var columns = new List<string>();
        for (var i = 0; i < image.Columns.Length; i++)
        {
            columns.Add(image.State(i) == ColumnState.Exact
                ? $"Exact {Encoding.UTF8.GetString(image.Bytes(i))}"
                : $"{image.State(i)} {Convert.ToHexString(image.Bytes(i))}");
        }

        return columns;
    }
}
