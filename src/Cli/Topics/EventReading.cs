using System.Buffers;
using System.Text;
using System.Text.Json;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Control.Commands;
using Cdc.Sink.Consuming;

namespace Cdc.Cli.Topics;

/// <summary>
/// Turns records of one topic into events as people read them. A record that cannot be read is told with the reason; those behind it are
/// read.
/// </summary>
/// <param name="registry">Where the records' schemas are.</param>
/// <param name="topic">Theirs.</param>
/// <param name="cut">Longer values are cut at so many characters; null: never.</param>
internal sealed class EventReading(IReadOnlySchemaRegistry registry, string topic, int? cut)
{
    private readonly EventDecoders decoders = new(registry);
    private readonly Dictionary<(int Key, int Value), CdcException> refused = [];

    /// <summary>Null where a schema has to be fetched first: <see cref="FetchAsync"/>, then ask again.</summary>
    public ShownEvent? TryRead(RecordView record, int partition, long offset, out (int Key, int Value) missing)
    {
        missing = default;
        try
        {
            EventDecoder? decoder;
            if (record.HasValue ? !decoders.TryGet(record, out decoder, out missing)
                : !decoders.TryGetForKey(record, out decoder, out missing))
                return refused.TryGetValue(missing, out var error) ? Unreadable(partition, offset, error) : null;
            return record.HasValue ? Event(decoder!, record, partition, offset) : Tombstone(decoder!, record, partition, offset);
        }
        catch (CdcException error)
        {
            return Unreadable(partition, offset, error);
        }
    }

    public async ValueTask FetchAsync((int Key, int Value) ids, CancellationToken cancellationToken)
    {
        try
        {
            if (ids.Value == 0)
                await decoders.FetchForKeyAsync(topic, ids.Key, cancellationToken);
            else
                await decoders.FetchAsync(ids, cancellationToken);
        }
        catch (CdcException error)
        {
            refused[ids] = error;
        }
    }

    private static ShownEvent Unreadable(int partition, long offset, CdcException error) =>
        new(partition, offset) { Error = $"{error.Code} {error.Message}" };

    private ShownEvent Event(EventDecoder decoder, RecordView record, int partition, long offset)
    {
        var change = decoder.Decode(WireFormat.ReadBody(record.Value, out _));
        return new ShownEvent(partition, offset)
        {
            Op = WordOf(change.Operation),
            Committed = CalendarText.Timestamp(change.CommittedAt, digits: 6) + "Z",
            Reason = change.Reason.IsEmpty ? null : Encoding.UTF8.GetString(change.Reason),
            Before = change.Before.IsEmpty ? null : Row(decoder.Schema, change.Before, Columns(decoder.Schema)),
            After = change.After.IsEmpty ? null : Row(decoder.Schema, change.After, Columns(decoder.Schema)),
            Unchanged = UnchangedOf(decoder.Schema, change.After),
            Key = Key(decoder, record), // Last: it has slices of its own, and the event's images stay valid.
        };
    }

    private ShownEvent Tombstone(EventDecoder decoder, RecordView record, int partition, long offset) =>
        new(partition, offset) { Op = "tombstone", Key = Key(decoder, record) };

    private JsonElement? Key(EventDecoder decoder, RecordView record) => record.HasKey
        ? Row(decoder.Schema, decoder.DecodeKey(WireFormat.ReadBody(record.Key, out _)), decoder.Schema.Key)
        : null;

    private static IEnumerable<int> Columns(TableSchema schema) => Enumerable.Range(0, schema.Columns.Length);

    private static List<string>? UnchangedOf(TableSchema schema, RowImage image)
    {
        var unchanged = new List<string>();
        for (var i = 0; i < image.Columns.Length; i++)
        {
            if (image.State(i) == ColumnState.Unchanged)
                unchanged.Add(schema.Columns[i].Name);
        }

        return unchanged.Count == 0 ? null : unchanged;
    }

    private static string WordOf(Operation operation) => operation switch
    {
        Operation.Create => "insert",
        Operation.Update => "update",
        Operation.Delete => "delete",
        Operation.Read => "read",
        Operation.Truncate => "truncate",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation of an event."),
    };

    /// <summary>Columns by name; without those that were not sent.</summary>
    private JsonElement Row(TableSchema schema, RowImage image, IEnumerable<int> columns)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            var values = new ValueJson(writer, cut);
            writer.WriteStartObject();
            foreach (var column in columns)
                Write(writer, values, schema.Columns[column], image.State(column), image.Bytes(column));
            writer.WriteEndObject();
        }

        var json = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref json);
    }

    private static void Write(Utf8JsonWriter writer, ValueJson values, ColumnSchema column, ColumnState state, ReadOnlySpan<byte> bytes)
    {
        if (state == ColumnState.Unchanged)
            return;
        writer.WritePropertyName(column.Name);
        switch (state)
        {
            case ColumnState.Value:
                values.Write(column.Type, bytes);
                break;
            case ColumnState.Exact:
                values.WriteText(Encoding.UTF8.GetString(bytes));
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
