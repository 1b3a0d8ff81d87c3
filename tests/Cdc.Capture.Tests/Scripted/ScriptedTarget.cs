using Cdc.Contracts.Avro;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>Applies the records of a topic one after another.</summary>
internal static class ScriptedTarget
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    /// <param name="rows">Text by key.</param>
    /// <param name="log">Where the records are.</param>
    /// <param name="from">The first one.</param>
    /// <param name="end">The offset behind the last one.</param>
    /// <param name="registry">Knows their schemas.</param>
    public static async Task FillAsync(
        IDictionary<string, string> rows, MemoryTopicLog log, TopicOffset from, long end, ISchemaRegistry registry)
    {
        await using var reader = await log.OpenReaderAsync([from], CancellationToken.None);
        for (var next = from.Offset; next < end;)
        {
            using var block = await reader.ReadAsync(Wait, CancellationToken.None);
            next = Apply(block, rows, registry, next);
        }
    }

    private static long Apply(RecordBlock block, IDictionary<string, string> rows, ISchemaRegistry registry, long next)
    {
        while (block.TryRead(out var record, out _, out var offset))
        {
            next = offset + 1;
            if (!record.HasValue)
                continue; // The tombstone behind a delete.
            var body = WireFormat.ReadBody(record.Value, out var valueId);
            WireFormat.ReadBody(record.Key, out var keyId);
            var decoder = new EventDecoder(SchemaOf(registry, valueId), SchemaOf(registry, keyId));
            var change = decoder.Decode(body);
            if (change.Operation == Operation.Truncate)
                rows.Clear();
            else if (change.After.IsEmpty)
                rows.Remove(Text(change.Before, 0));
            else
                rows[Text(change.After, 0)] = Text(change.After, 1);
        }

        return next;
    }

    private static AvroSchema SchemaOf(ISchemaRegistry registry, int id)
    {
        var found = registry.GetAsync(id, CancellationToken.None);
        return AvroSchemaText.Parse(found.IsCompletedSuccessfully ? found.Result
            : throw new InvalidOperationException("The script's registry answers at once."));
    }

    private static string Text(RowImage row, int column) => new AvroReader(row.Bytes(column)).ReadString();
}
