using System.Globalization;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>
/// Gives tables their topics and schemas: a topic each, its partitions as the log first made it, its schemas in the registry.
/// </summary>
public sealed class TablePlacer(
    ITopicLogWriter log, ISchemaRegistry registry, TableTopics topics, Func<string, int> partitionsOf, SnapshotPlaces places)
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
        await RequireOnePlaceAsync(table.Id, topic, schemas.Key, cancellationToken);
        var key = schemas.Key is null ? 0
            : await registry.RegisterAsync(TopicNaming.KeySubject(topic), AvroSchemaText.Write(schemas.Key), cancellationToken);
        var value = await registry.RegisterAsync(TopicNaming.ValueSubject(topic), AvroSchemaText.Write(schemas.Value), cancellationToken);
        var state = await log.EnsureTopicAsync(topic, partitionsOf(topic), cancellationToken);
        var used = table.HasKey ? state.Partitions.Length : 1;
        return new TablePlacement(topic, [.. state.Partitions.Take(used).Select(partition => SlotOf(topic, partition))], key, value);
    }

    /// <summary>
    /// Under another key the records of a row go to another partition: their order is lost where the topic has several (Invariant 2).
    /// </summary>
    private async ValueTask RequireOnePlaceAsync(TableId table, string topic, AvroSchema.Record? key, CancellationToken cancellationToken)
    {
        if (await registry.LatestAsync(TopicNaming.ValueSubject(topic), cancellationToken) is null)
            return;
        var latest = await registry.LatestAsync(TopicNaming.KeySubject(topic), cancellationToken);
        var before = latest is null ? null : AvroSchemaText.Parse(latest) as AvroSchema.Record;
        if (!IsOtherKey(before, key)
            || (await log.EnsureTopicAsync(topic, partitionsOf(topic), cancellationToken)).Partitions is not { Length: > 1 and var count })
            return;
        throw new CdcException(ErrorCodes.TopicKeyMoved, string.Create(CultureInfo.InvariantCulture,
            $"Publishing table '{table}' into topic '{topic}', its key was found to be {Names(key)} instead of {Names(before)}, and the " +
            $"topic to have {count} partitions."));
    }

    private static bool IsOtherKey(AvroSchema.Record? before, AvroSchema.Record? now) =>
        before is null || now is null ? before != now : !FieldsOf(before).SequenceEqual(FieldsOf(now), StringComparer.Ordinal)
            || SchemaCompatibility.Find(now, before) is not null;

    private static IEnumerable<string> FieldsOf(AvroSchema.Record key) => key.Fields.Select(field => field.Name);

    private static string Names(AvroSchema.Record? key) => key is null ? "none" : $"'{string.Join(", ", FieldsOf(key))}'";

    private int SlotOf(string topic, PartitionState partition)
    {
        var slot = Partitions.Add(new TopicPartition(topic, partition.Partition));
        Places.Begin(slot, partition.NextOffset);
        return slot;
    }
}
