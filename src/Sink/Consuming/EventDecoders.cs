using System.Collections.Immutable;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Consuming;

/// <summary>The decoders of all pairs of schemas met so far; a new pair is fetched from the registry once.</summary>
/// <param name="registry">Where schemas are.</param>
/// <param name="metadata">
/// The target's columns of ours: a table of another installation's brings its own under the same names, and they are left out. Null for who
/// shows all.
/// </param>
public sealed class EventDecoders(IReadOnlySchemaRegistry registry, MetadataColumns? metadata = null)
{
    private readonly HashSet<TableId> told = [];

    private readonly Dictionary<(int Key, int Value), EventDecoder> decoders = [];

    /// <summary>Told of a table whose columns of another installation's are left out; once a table.</summary>
    public Action<TableId>? OnLeftOut { get; init; }

    /// <summary>The decoder where it is here already; the numbers of its schemas in any case (0: no key).</summary>
    public bool TryGet(RecordView record, out EventDecoder? decoder, out (int Key, int Value) ids)
    {
        ids = default;
        if (record.HasKey)
            WireFormat.ReadBody(record.Key, out ids.Key);
        WireFormat.ReadBody(record.Value, out ids.Value);
        return decoders.TryGetValue(ids, out decoder);
    }

    /// <summary>
    /// For a tombstone, whose key alone is to be read: a decoder of its key's schema where one is here already; the number of that schema
    /// in any case.
    /// </summary>
    public bool TryGetForKey(RecordView record, out EventDecoder? decoder, out (int Key, int Value) ids)
    {
        ids = default;
        if (record.HasKey)
            WireFormat.ReadBody(record.Key, out ids.Key);
        return decoders.TryGetValue(ids, out decoder);
    }

    /// <summary>A decoder for keys of a topic's records, for <see cref="TryGetForKey"/>.</summary>
    public async ValueTask FetchForKeyAsync(string topic, int keyId, CancellationToken cancellationToken)
    {
        var value = await registry.LatestAsync(TopicNaming.ValueSubject(topic), cancellationToken)
            ?? throw new CdcException(ErrorCodes.SchemaUnknown,
                $"Reading a key of topic '{topic}', the registry was found to have no schema of its records.");
        var key = keyId == 0 ? null : AvroSchemaText.Parse(await registry.GetAsync(keyId, cancellationToken));
        decoders[(keyId, 0)] = Make(AvroSchemaText.Parse(value), key);
    }

    /// <summary>A topic's table by its newest schemas; null where it has none.</summary>
    public async ValueTask<TableSchema?> SchemaOfAsync(string topic, CancellationToken cancellationToken)
    {
        if (await registry.LatestAsync(TopicNaming.ValueSubject(topic), cancellationToken) is not { } value)
            return null;
        var key = await registry.LatestAsync(TopicNaming.KeySubject(topic), cancellationToken);
        return Make(AvroSchemaText.Parse(value), key is null ? null : AvroSchemaText.Parse(key)).Schema;
    }

    public async ValueTask FetchAsync((int Key, int Value) ids, CancellationToken cancellationToken)
    {
        var value = AvroSchemaText.Parse(await registry.GetAsync(ids.Value, cancellationToken));
        var key = ids.Key == 0 ? null : AvroSchemaText.Parse(await registry.GetAsync(ids.Key, cancellationToken));
        decoders.Add(ids, Make(value, key));
    }

    private EventDecoder Make(AvroSchema value, AvroSchema? key) =>
        new(value, key, metadata is null ? null : table => FindUpstream(metadata, table));

    private ImmutableArray<string> FindUpstream(MetadataColumns metadata, TableSchema table)
    {
        var found = metadata.FindIn(table);
        if (!found.IsEmpty && told.Add(table.Id))
            OnLeftOut?.Invoke(table.Id);
        return found;
    }
}
