using System.Text;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Avro;

/// <summary>
/// Reads the events written under one value schema and one key schema, by the writer's schema: in any order of fields, with the optional
/// ones missing, unions either way round. Made once per pair of schemas; one event costs no allocation. What it hands out is a view of
/// the given bytes and of its own slices, valid until the next call. Not safe for several threads. Bytes are hostile: they throw
/// <c>CDC-4001</c> when they are not what the schema says, and cost no more than their length.
/// </summary>
public sealed class EventDecoder
{
    private readonly RecordSlicer value;
    private readonly RecordSlicer? key;
    private readonly RecordSlicer? exact;
    private readonly byte[][] columnNames;
    private readonly byte[][] leftOut;
    private readonly ColumnSlice[] slots;
    private readonly ColumnSlice[] keySlots;
    private readonly ColumnSlice[] exactSlots = new ColumnSlice[ExactField.Count];

    /// <param name="valueSchema">The envelope; <c>CDC-4004</c> where it is none.</param>
    /// <param name="keySchema">The key's record, or null where records have no key.</param>
    /// <param name="leaveOut">Names the columns of a table that are read over, none of its key; null for none.</param>
    public EventDecoder(AvroSchema valueSchema, AvroSchema? keySchema, Func<TableSchema, IReadOnlyCollection<string>>? leaveOut = null)
    {
        var whole = EventSchemaMapping.FromSchemas(keySchema, valueSchema);
        var names = leaveOut?.Invoke(whole) ?? [];
        Schema = whole.Without(names);
        leftOut = [.. names.Select(Encoding.UTF8.GetBytes)];
        columnNames = [.. Schema.Columns.Select(column => Encoding.UTF8.GetBytes(column.Name))];
        slots = new ColumnSlice[EnvelopeField.Images + 2 * Schema.Columns.Length];
        keySlots = new ColumnSlice[Schema.Columns.Length];
        (value, exact) = EnvelopePlan.Compile((AvroSchema.Record)valueSchema, Schema);
        key = keySchema is null ? null : EnvelopePlan.CompileKey((AvroSchema.Record)keySchema, Schema);
    }

    /// <summary>The table as these events describe it; images list its columns in its order.</summary>
    public TableSchema Schema { get; }

    /// <summary>Reads an event from the Avro body of a record's value (<see cref="WireFormat.ReadBody"/>).</summary>
    public ChangeEvent Decode(ReadOnlySpan<byte> body)
    {
        slots.AsSpan(0, EnvelopeField.Images).Clear();
        var reader = new AvroReader(body);
        value.Read(ref reader, slots);
        CheckEnd(reader);

        var operation = ReadOperation(body);
        MarkUnchanged(body);
        MarkExact(body);
        var before = Image(body, EnvelopeField.Before, 0);
        var after = Image(body, EnvelopeField.After, 1);
        CheckImages(operation, before, after);
        return new ChangeEvent
        {
            Operation = operation,
            Before = before,
            After = after,
            CommittedAt = CommittedAt(body),
            Source = Text(body, EnvelopeField.SourceName),
            Database = Text(body, EnvelopeField.SourceDatabase),
            Schema = Text(body, slots[EnvelopeField.SourceSchema].State == ColumnState.Null ? EnvelopeField.SourceDatabase
                : EnvelopeField.SourceSchema),
            Table = Text(body, EnvelopeField.SourceTable),
            Snapshot = Text(body, EnvelopeField.ReadSnapshot),
            Reason = Text(body, EnvelopeField.ReadReason),
        };
    }

    /// <summary>
    /// Reads the Avro body of a record's key: a row that has values in the key's columns only. Slices of its own, so an event stays valid.
    /// </summary>
    public RowImage DecodeKey(ReadOnlySpan<byte> body)
    {
        if (key is null)
            throw KeyUnexpected();
        var reader = new AvroReader(body);
        key.Read(ref reader, keySlots);
        CheckEnd(reader);
        return new RowImage(body, keySlots);
    }

    private Span<ColumnSlice> ImageSlots(int image) =>
        slots.AsSpan(EnvelopeField.Images + image * Schema.Columns.Length, Schema.Columns.Length);

    private RowImage Image(ReadOnlySpan<byte> body, int slot, int image) =>
        slots[slot].State == ColumnState.Null ? default : new RowImage(body, ImageSlots(image));

    private Operation ReadOperation(ReadOnlySpan<byte> body)
    {
        var text = Text(body, EnvelopeField.Op);
        if (text.Length == 1 && (Operation)text[0] is Operation.Create or Operation.Update or Operation.Delete or Operation.Read
            or Operation.Truncate)
            return (Operation)text[0];
        // Invariant 4
        throw Malformed("its operation is none of 'c', 'u', 'd', 'r', 't'");
    }

    private void CheckImages(Operation operation, RowImage before, RowImage after)
    {
        var wantsAfter = operation is Operation.Create or Operation.Update or Operation.Read;
        if (wantsAfter == after.IsEmpty || (operation == Operation.Truncate && !before.IsEmpty))
            throw Unfit(operation);
    }

    private long CommittedAt(ReadOnlySpan<byte> body)
    {
        if (slots[EnvelopeField.SourceTsUs].State == ColumnState.Value)
            return Long(body, EnvelopeField.SourceTsUs);
        if (slots[EnvelopeField.SourceTsMs].State == ColumnState.Null)
            throw Malformed("its source has no commit time");
        var milliseconds = Long(body, EnvelopeField.SourceTsMs);
        return milliseconds is > long.MinValue / 1000 and < long.MaxValue / 1000
            ? milliseconds * 1000
            : throw Malformed("its commit time does not fit 64 bits of microseconds");
    }

    private void MarkUnchanged(ReadOnlySpan<byte> body)
    {
        if (slots[EnvelopeField.Unchanged].State == ColumnState.Null)
            return;
        var columns = slots[EnvelopeField.After].State == ColumnState.Null ? [] : ImageSlots(1);
        var reader = ReaderAt(body, EnvelopeField.Unchanged);
        var left = columns.IsEmpty ? 0 : columns.Length + leftOut.Length;
        while (reader.ReadBlockCount() is > 0 and var count)
        {
            left = Take(left, count);
            for (; count > 0; count--)
            {
                if (ColumnOf(reader.ReadBytes()) is >= 0 and var column)
                    columns[column] = ColumnSlice.Unchanged;
            }
        }
    }

    private void MarkExact(ReadOnlySpan<byte> body)
    {
        if (slots[EnvelopeField.Exact].State == ColumnState.Null)
            return;
        var reader = ReaderAt(body, EnvelopeField.Exact);
        var offset = slots[EnvelopeField.Exact].Offset;
        var left = 2 * (columnNames.Length + leftOut.Length);
        while (reader.ReadBlockCount() is > 0 and var count)
        {
            left = Take(left, count);
            for (; count > 0; count--)
            {
                exact!.Read(ref reader, exactSlots);
                var image = ImageNamed(reader, ExactField.Image);
                var text = exactSlots[ExactField.Text];
                var inside = new AvroReader(reader.Between(text.Offset, text.Offset + text.Length));
                var length = inside.ReadBytes().Length;
                var start = offset + text.Offset + text.Length - length;
                if (ColumnOf(ExactText(reader, ExactField.Column)) is >= 0 and var column)
                    image[column] = new ColumnSlice(start, length, ColumnState.Exact);
            }
        }
    }

    private Span<ColumnSlice> ImageNamed(AvroReader reader, int slot)
    {
        var name = ExactText(reader, slot);
        if (name.SequenceEqual("after"u8) && slots[EnvelopeField.After].State != ColumnState.Null)
            return ImageSlots(1);
        if (name.SequenceEqual("before"u8) && slots[EnvelopeField.Before].State != ColumnState.Null)
            return ImageSlots(0);
        throw Malformed("an exact value belongs to an image that is not there");
    }

    private ReadOnlySpan<byte> ExactText(AvroReader reader, int slot)
    {
        var slice = exactSlots[slot];
        return new AvroReader(reader.Between(slice.Offset, slice.Offset + slice.Length)).ReadBytes();
    }

    // Each column at most once, so names from outside are never compared more often than columns squared.
    private int Take(int left, long count) => count <= left ? left - (int)count
        : throw Malformed("it lists more columns than its image has");

    /// <summary>-1 for one that is left out.</summary>
    private int ColumnOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < columnNames.Length; i++)
        {
            if (name.SequenceEqual(columnNames[i]))
                return i;
        }

        foreach (var known in leftOut)
        {
            if (name.SequenceEqual(known))
                return -1;
        }

        throw Malformed("it names a column that its schema does not have");
    }

    private AvroReader ReaderAt(ReadOnlySpan<byte> body, int slot) => new(body.Slice(slots[slot].Offset, slots[slot].Length));

    private long Long(ReadOnlySpan<byte> body, int slot) => ReaderAt(body, slot).ReadLong();

    private ReadOnlySpan<byte> Text(ReadOnlySpan<byte> body, int slot) =>
        slots[slot].State == ColumnState.Null ? default : ReaderAt(body, slot).ReadBytes();

    private void CheckEnd(AvroReader reader)
    {
        if (!reader.IsAtEnd)
            throw Unfinished(reader.Remaining);
    }

    private CdcException Unfit(Operation operation) => Malformed($"its images do not fit operation '{(char)operation}'");

    private CdcException Unfinished(int left) => Malformed(FormattableString.Invariant($"{left} bytes are left after its end"));

    private CdcException KeyUnexpected() => new(
        ErrorCodes.EnvelopeUnsuitable, $"Reading a record of table '{Schema.Id}', it has a key where its schemas have none.");

    private CdcException Malformed(string what) => new(ErrorCodes.AvroMalformed, $"Reading an event of table '{Schema.Id}', {what}.");
}
