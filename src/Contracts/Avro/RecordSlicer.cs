using Cdc.Contracts.Events;

namespace Cdc.Contracts.Avro;

/// <summary>
/// Walks a record by its writer's schema and notes where some of its fields lie, in one pass, whatever the fields' order. A field's value
/// is noted without its union's branch number; a missing field stays as it was.
/// </summary>
internal sealed class RecordSlicer
{
    private readonly FieldStep[] steps;

    private RecordSlicer(FieldStep[] steps) => this.steps = steps;

    /// <summary>Which fields of a record are wanted: where each is noted, and inside which of them to look further.</summary>
    public sealed record Wanted(Func<string, int> SlotOf, IReadOnlyDictionary<string, Wanted>? Nested = null);

    /// <param name="Slot">Where the field is noted; -1 for nowhere.</param>
    /// <param name="NullBranch">Which branch of a union of two is null; -1 for a field that is no such union.</param>
    private readonly record struct FieldStep(int Slot, int NullBranch, AvroSkip Skip, RecordSlicer? Nested);

    /// <param name="record">A record of the schema that <paramref name="names"/> was made of.</param>
    public static RecordSlicer Compile(AvroSchema.Record record, Wanted wanted, AvroNamedTypes names, AvroSkip.Compiler skips)
    {
        var plan = new FieldStep[record.Fields.Length];
        for (var i = 0; i < plan.Length; i++)
        {
            var field = record.Fields[i];
            var slot = wanted.SlotOf(field.Name);
            var some = EventSchemaReading.Some(field.Type);
            if (some is null && slot >= 0)
                throw EventSchemaReading.Unsuitable($"field '{field.Name}' of '{record.Name}'",
                    "is a union of more than null and one type");
            var nested = slot >= 0 && wanted.Nested is { } inside && inside.TryGetValue(field.Name, out var further)
                ? Compile(RecordOf(record, field, names.Resolve(some!)), further, names, skips)
                : null;
            var nullBranch = field.Type is AvroSchema.Union union && some is not null ? NullBranch(union) : -1;
            plan[i] = new FieldStep(slot, nullBranch, skips.Compile(some ?? field.Type), nested);
        }

        return new RecordSlicer(plan);
    }

    /// <summary>Passes over the record, filling <paramref name="slots"/>.</summary>
    public void Read(ref AvroReader reader, Span<ColumnSlice> slots)
    {
        foreach (ref readonly var step in steps.AsSpan())
        {
            var start = -1;
            if (step.NullBranch < 0 || reader.ReadUnionIndex(2) != step.NullBranch)
            {
                start = reader.Position;
                if (step.Nested is null)
                    step.Skip.Skip(ref reader);
                else
                    step.Nested.Read(ref reader, slots);
            }

            if (step.Slot >= 0)
                slots[step.Slot] = start < 0 ? ColumnSlice.Null : new ColumnSlice(start, reader.Position - start, ColumnState.Value);
        }
    }

    private static int NullBranch(AvroSchema.Union union) => union.Branches[0] is AvroSchema.Primitive { Kind: AvroKind.Null } ? 0 : 1;

    private static AvroSchema.Record RecordOf(AvroSchema.Record record, AvroField field, AvroSchema type) =>
        type as AvroSchema.Record ?? throw EventSchemaReading.Unsuitable($"field '{field.Name}' of '{record.Name}'", "is not a record");
}
