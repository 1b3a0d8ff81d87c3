using System.Text;
using System.Text.Json;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>Where a table's records go and which schemas they carry.</summary>
/// <param name="Slots">By partition: its slot in the batch.</param>
/// <param name="KeySchema">Registry number of the key's schema; 0 where the table has no key.</param>
/// <param name="ValueSchema">Registry number of the envelope's schema.</param>
public sealed record TablePlacement(string Topic, int[] Slots, int KeySchema, int ValueSchema);

/// <summary>
/// Encodes the changes of one table under one shape into records: one a change, with a tombstone after a delete; a change of the key is a
/// delete, a tombstone and a create. Writes straight into the batch; allocates nothing for ordinary rows.
/// </summary>
public sealed class TableEncoder(SourceTable table, SourceBlock source, TablePlacement placement) : IDisposable
{
    private static readonly byte[] NewKeyHeader = "__debezium.newkey"u8.ToArray();
    private static readonly byte[] OldKeyHeader = "__debezium.oldkey"u8.ToArray();

    private readonly TableSchema schema = table.Schema;
    private readonly ColumnTranscoder[] transcoders = [.. table.Transcoders];
    private readonly byte[] sourceTable = source.EncodeTable(table.Schema.Id);
    private readonly PooledBuffer keyText = new(256);
    private readonly PooledBuffer times = new(64);
    private readonly EnvelopeRemarks remarks = new(table.Schema);
    private long timesOf;

    public SourceTable Table { get; } = table;

    public TablePlacement Placement { get; } = placement;

    /// <summary>Appends the change's records to the batch: all of them, or none when it throws.</summary>
    /// <param name="now">When the change is handled, microseconds since 1970.</param>
    public void Encode(in SourceChange change, RecordBatch batch, long now)
    {
        var mark = batch.Mark();
        try
        {
            Write(change, batch, now);
        }
        catch
        {
            batch.BackTo(mark);
            throw;
        }
    }

    public void Dispose()
    {
        keyText.Dispose();
        times.Dispose();
    }

    private void Write(in SourceChange change, RecordBatch batch, long now)
    {
        switch (change.Operation)
        {
            case Operation.Create or Operation.Read:
                WriteRow(change, change.Operation, change.After, default, change.After, batch, now);
                break;
            case Operation.Update when change.ChangesKey():
                WriteKeyChange(change, batch, now);
                break;
            case Operation.Update:
                WriteRow(change, Operation.Update, change.After, change.OldImage == OldImage.Full ? change.Before : default, change.After,
                    batch, now);
                break;
            case Operation.Delete:
                WriteRow(change, Operation.Delete, change.Before, change.Before, default, batch, now);
                WriteTombstone(change.Before, batch);
                break;
            case Operation.Truncate:
                WriteTruncate(change, batch, now);
                break;
            default:
                throw new CdcException(ErrorCodes.Internal,
                    $"Encoding table '{schema.Id}', an operation '{change.Operation}' is not known.");
        }
    }

    private void WriteKeyChange(in SourceChange change, RecordBatch batch, long now)
    {
        WriteRow(change, Operation.Delete, change.Before, change.Before, default, batch, now, (NewKeyHeader, KeyAsJson(change.After)));
        WriteTombstone(change.Before, batch);
        WriteRow(change, Operation.Create, change.After, default, change.After, batch, now, (OldKeyHeader, KeyAsJson(change.Before)));
    }

    private void WriteRow(
        in SourceChange change, Operation operation, RowImage keyImage, RowImage before, RowImage after, RecordBatch batch, long now,
        (byte[] Name, byte[] Value) header = default)
    {
        batch.BeginRecord(SlotOf(keyImage));
        WriteKey(keyImage, batch);
        WriteEnvelope(change, operation, before, after, batch, now);
        if (header.Name is not null)
            batch.AddHeader(header.Name, header.Value);
        batch.EndRecord();
    }

    private void WriteTombstone(RowImage keyImage, RecordBatch batch)
    {
        if (!schema.HasKey)
            return;
        batch.BeginRecord(SlotOf(keyImage));
        WriteKey(keyImage, batch);
        batch.EndValue(isNull: true);
        batch.EndRecord();
    }

    private void WriteTruncate(in SourceChange change, RecordBatch batch, long now)
    {
        foreach (var slot in Placement.Slots)
        {
            batch.BeginRecord(slot);
            batch.EndKey(isNull: true);
            WriteEnvelope(change, Operation.Truncate, default, default, batch, now);
            batch.EndRecord();
        }
    }

    private void WriteKey(in RowImage image, RecordBatch batch)
    {
        if (!schema.HasKey)
        {
            batch.EndKey(isNull: true);
            return;
        }

        WireFormat.WriteHead(batch.Buffer, Placement.KeySchema);
        var writer = new AvroWriter(batch.Buffer);
        foreach (var column in schema.Key)
        {
            if (image.State(column) != ColumnState.Value || !transcoders[column].TryWrite(image.Bytes(column), writer))
            {
                throw new CdcException(ErrorCodes.KeyValueUnsupported,
                    $"Encoding a key of table '{schema.Id}', column '{schema.Columns[column].Name}' holds no value that a key can carry.");
            }
        }

        batch.EndKey();
    }

    private void WriteEnvelope(in SourceChange change, Operation operation, RowImage before, RowImage after, RecordBatch batch, long now)
    {
        WireFormat.WriteHead(batch.Buffer, Placement.ValueSchema);
        var writer = new AvroWriter(batch.Buffer);
        remarks.Clear();
        WriteImage(before, "before", writer);
        WriteImage(after, "after", writer);
        source.Write(writer, sourceTable);
        writer.WriteUnionIndex(0);
        WriteOperation(writer, operation);
        WriteTimes(writer, now);
        remarks.Write(change, writer);
        batch.EndValue();
    }

    private void WriteImage(in RowImage image, string name, AvroWriter writer)
    {
        if (image.IsEmpty)
        {
            writer.WriteUnionIndex(0);
            return;
        }

        writer.WriteUnionIndex(1);
        for (var i = 0; i < transcoders.Length; i++)
        {
            var slice = image.Columns[i];
            if (slice.State == ColumnState.Null)
                writer.WriteUnionIndex(0);
            else
                WriteColumn(image, i, name, writer);
        }
    }

    private void WriteColumn(in RowImage image, int column, string imageName, AvroWriter writer)
    {
        var start = writer.Buffer.Length;
        writer.WriteUnionIndex(1);
        if (image.State(column) == ColumnState.Unchanged)
        {
            remarks.AddUnchanged(column);
            if (transcoders[column].TryWritePlaceholder(writer))
                return;
        }
        else
        {
            if (transcoders[column].TryWrite(image.Bytes(column), writer))
                return;
            remarks.AddExact(imageName, column, image.Bytes(column));
        }

        writer.Buffer.Truncate(start);
        writer.WriteUnionIndex(0);
    }

    private int SlotOf(in RowImage image)
    {
        if (Placement.Slots.Length == 1 || !schema.HasKey)
            return Placement.Slots[0];
        KeyText.Write(schema, image, keyText);
        return Placement.Slots[Partitioning.PartitionOf(keyText.WrittenSpan, Placement.Slots.Length)];
    }

    /// <summary>All values as strings: Connect's default header converter reads nothing else.</summary>
    private byte[] KeyAsJson(RowImage image)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var column in schema.Key)
                json.WriteString(schema.Columns[column].FieldName, Encoding.UTF8.GetString(image.Bytes(column)));
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteOperation(AvroWriter writer, Operation operation)
    {
        writer.WriteLong(1);
        writer.Buffer.WriteByte((byte)operation);
    }

    /// <summary>The times are the same for all changes of a block, and encoded once.</summary>
    private void WriteTimes(AvroWriter writer, long now)
    {
        if (now != timesOf || times.Length == 0)
        {
            times.Clear();
            EncodeTimes(new AvroWriter(times), now);
            timesOf = now;
        }

        writer.Buffer.Write(times.WrittenSpan);
    }

    private static void EncodeTimes(AvroWriter writer, long now)
    {
        writer.WriteUnionIndex(1);
        writer.WriteLong(now / 1000);
        writer.WriteUnionIndex(1);
        writer.WriteLong(now);
        writer.WriteUnionIndex(1);
        writer.WriteLong(now * 1000);
    }
}
