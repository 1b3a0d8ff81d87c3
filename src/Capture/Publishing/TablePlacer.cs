using Cdc.Contracts.Avro;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>Gives tables their topics and schemas: a topic each, its partitions as the log first made it, its schemas in the registry.</summary>
public sealed class TablePlacer(ITopicLogWriter log, ISchemaRegistry registry, TableTopics topics, Func<string, int> partitionsOf, SnapshotPlaces places)
{
    /// <summary>The partitions given so far.</summary>
    public PartitionTable Partitions { get; } = new();

    /// <summary>Where tables' snapshots lie in those partitions.</summary>
    public SnapshotPlaces Places { get; } = places;

    /// <summary>Which topic each table has.</summary>
    public TableTopics Topics { get; } = topics;

    public async ValueTask<TablePlacement> PlaceAsync(TableSchema table, AvroSchema.Record source, CancellationToken cancellationToken)
    {
        var topic = Topics.Claim(table.Id);
        var schemas = EventSchemaMapping.ToSchemas(table, topic, source);
        var key = schemas.Key is null ? 0 : await registry.RegisterAsync(TopicNaming.KeySubject(topic), AvroSchemaText.Write(schemas.Key), cancellationToken);
        var value = await registry.RegisterAsync(TopicNaming.ValueSubject(topic), AvroSchemaText.Write(schemas.Value), cancellationToken);
        var state = await log.EnsureTopicAsync(topic, partitionsOf(topic), cancellationToken);
        var used = table.HasKey ? state.Partitions.Length : 1;
        return new TablePlacement(topic, [.. state.Partitions.Take(used).Select(partition => SlotOf(topic, partition))], key, value);
    }

    private int SlotOf(string topic, PartitionState partition)
    {
        var slot = Partitions.Add(new TopicPartition(topic, partition.Partition));
        Places.Begin(slot, partition.NextOffset);
        return slot;
    }
}
