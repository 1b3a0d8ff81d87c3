using Cdc.Contracts.Avro;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Consuming;

/// <summary>The decoders of all pairs of schemas met so far; a new pair is fetched from the registry once.</summary>
public sealed class EventDecoders(ISchemaRegistry registry)
{
    private readonly Dictionary<(int Key, int Value), EventDecoder> decoders = [];

    /// <summary>The decoder where it is here already; the numbers of its schemas in any case (0: no key).</summary>
    public bool TryGet(RecordView record, out EventDecoder? decoder, out (int Key, int Value) ids)
    {
        ids = default;
        if (record.HasKey)
            WireFormat.ReadBody(record.Key, out ids.Key);
        WireFormat.ReadBody(record.Value, out ids.Value);
        return decoders.TryGetValue(ids, out decoder);
    }

    public async ValueTask FetchAsync((int Key, int Value) ids, CancellationToken cancellationToken)
    {
        var value = AvroSchemaText.Parse(await registry.GetAsync(ids.Value, cancellationToken));
        var key = ids.Key == 0 ? null : AvroSchemaText.Parse(await registry.GetAsync(ids.Key, cancellationToken));
        decoders.Add(ids, new EventDecoder(value, key));
    }
}
