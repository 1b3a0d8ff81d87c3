using System.Collections.Frozen;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Avro;

/// <summary>Where an event's parts are noted among a decoder's slots.</summary>
internal static class EnvelopeField
{
    public const int Before = 0;
    public const int After = 1;
    public const int Source = 2;
    public const int Op = 3;
    public const int Read = 4;
    public const int Unchanged = 5;
    public const int Exact = 6;
    public const int SourceTsMs = 7;
    public const int SourceTsUs = 8;
    public const int SourceDatabase = 9;
    public const int SourceSchema = 10;
    public const int SourceTable = 11;
    public const int ReadSnapshot = 12;
    public const int ReadReason = 13;
    public const int SourceName = 14;

    /// <summary>From here on: the columns of the image before, then those of the one after.</summary>
    public const int Images = 15;
}

/// <summary>Where the parts of one entry of <c>exact</c> are noted.</summary>
internal static class ExactField
{
    public const int Image = 0;
    public const int Column = 1;
    public const int Text = 2;
    public const int Count = 3;
}

/// <summary>Checks an envelope's fields against what a decoder needs, and makes the slicers that read it.</summary>
internal static class EnvelopePlan
{
    private static readonly (string Name, int Slot, AvroKind Kind)[] SourceFields =
    [
        (EnvelopeFields.TsMs, EnvelopeField.SourceTsMs, AvroKind.Long),
        (EnvelopeFields.TsUs, EnvelopeField.SourceTsUs, AvroKind.Long),
        (EnvelopeFields.SourceName, EnvelopeField.SourceName, AvroKind.String),
        (EnvelopeFields.SourceDatabase, EnvelopeField.SourceDatabase, AvroKind.String),
        (EnvelopeFields.SourceSchema, EnvelopeField.SourceSchema, AvroKind.String),
        (EnvelopeFields.SourceTable, EnvelopeField.SourceTable, AvroKind.String),
    ];

    private static readonly (string Name, int Slot, AvroKind Kind)[] ReadFields =
    [
        (EnvelopeFields.ReadSnapshot, EnvelopeField.ReadSnapshot, AvroKind.String),
        (EnvelopeFields.ReadReason, EnvelopeField.ReadReason, AvroKind.String),
    ];

    private static readonly (string Name, int Slot, AvroKind Kind)[] ExactFields =
    [
        (EnvelopeFields.ExactImage, ExactField.Image, AvroKind.String),
        (EnvelopeFields.ExactColumn, ExactField.Column, AvroKind.String),
        (EnvelopeFields.ExactText, ExactField.Text, AvroKind.String),
    ];

    private static readonly (string Name, int Slot)[] Fields =
    [
        (EnvelopeFields.Before, EnvelopeField.Before),
        (EnvelopeFields.After, EnvelopeField.After),
        (EnvelopeFields.Source, EnvelopeField.Source),
        (EnvelopeFields.Op, EnvelopeField.Op),
        (EnvelopeFields.Read, EnvelopeField.Read),
        (EnvelopeFields.Unchanged, EnvelopeField.Unchanged),
        (EnvelopeFields.Exact, EnvelopeField.Exact),
    ];

    /// <summary>The slicer of the whole envelope, and that of an entry of <c>exact</c> where the schema has the field.</summary>
    public static (RecordSlicer Value, RecordSlicer? Exact) Compile(AvroSchema.Record envelope, TableSchema table)
    {
        var names = new AvroNamedTypes(envelope);
        var skips = new AvroSkip.Compiler(names);
        CheckKind(envelope, Required(envelope, EnvelopeFields.Op), AvroKind.String, names);
        var source = Record(envelope, Required(envelope, EnvelopeFields.Source), names);
        Required(source, EnvelopeFields.TsMs);
        CheckKinds(source, SourceFields, names);

        var columns = table.Columns.Length;
        var nested = new Dictionary<string, RecordSlicer.Wanted>(StringComparer.Ordinal)
        {
            [EnvelopeFields.Before] = Columns(table, EnvelopeField.Images),
            [EnvelopeFields.After] = Columns(table, EnvelopeField.Images + columns),
            [EnvelopeFields.Source] = Wanted(SourceFields),
            [EnvelopeFields.Read] = Wanted(ReadFields),
        };
        if (envelope.Field(EnvelopeFields.Read) is { } read)
            CheckAll(Record(envelope, read, names), ReadFields, names);
        CheckUnchanged(envelope, names);
        var wanted = new RecordSlicer.Wanted(SlotIn(Fields), nested);
        return (RecordSlicer.Compile(envelope, wanted, names, skips), CompileExact(envelope, names, skips));
    }

    /// <summary>The slicer of a key, which notes each field at its column.</summary>
    public static RecordSlicer CompileKey(AvroSchema.Record key, TableSchema table)
    {
        var names = new AvroNamedTypes(key);
        return RecordSlicer.Compile(key, Columns(table, 0), names, new AvroSkip.Compiler(names));
    }

    private static RecordSlicer? CompileExact(AvroSchema.Record envelope, AvroNamedTypes names, AvroSkip.Compiler skips)
    {
        if (envelope.Field(EnvelopeFields.Exact) is not { } field)
            return null;
        if (Items(field, names) is not AvroSchema.Record entry)
            throw EventSchemaReading.Unsuitable($"field '{field.Name}' of '{envelope.Name}'", "is not a list of records");
        CheckAll(entry, ExactFields, names);
        return RecordSlicer.Compile(entry, Wanted(ExactFields), names, skips);
    }

    private static void CheckUnchanged(AvroSchema.Record envelope, AvroNamedTypes names)
    {
        if (envelope.Field(EnvelopeFields.Unchanged) is { } field
            && Items(field, names) is not AvroSchema.Primitive { Kind: AvroKind.String })
            throw EventSchemaReading.Unsuitable($"field '{field.Name}' of '{envelope.Name}'", "is not a list of strings");
    }

    // What an entry of a list says is never null, so that reading it needs no cases.
    private static void CheckAll(AvroSchema.Record record, (string Name, int Slot, AvroKind Kind)[] fields, AvroNamedTypes names)
    {
        foreach (var (name, _, _) in fields)
        {
            if (Required(record, name).Type is AvroSchema.Union)
                throw EventSchemaReading.Unsuitable($"field '{name}' of '{record.Name}'", "is a union");
        }

        CheckKinds(record, fields, names);
    }

    private static void CheckKinds(AvroSchema.Record record, (string Name, int Slot, AvroKind Kind)[] fields, AvroNamedTypes names)
    {
        foreach (var (name, _, kind) in fields)
        {
            if (record.Field(name) is { } field)
                CheckKind(record, field, kind, names);
        }
    }

    private static void CheckKind(AvroSchema.Record record, AvroField field, AvroKind kind, AvroNamedTypes names)
    {
        if (EventSchemaReading.Some(field.Type) is not { } type || names.Resolve(type) is not AvroSchema.Primitive primitive
            || primitive.Kind != kind)
            throw EventSchemaReading.Unsuitable($"field '{field.Name}' of '{record.Name}'",
                $"is not of type '{AvroSchemaWriter.NameOf(kind)}'");
    }

    private static AvroField Required(AvroSchema.Record record, string name) =>
        record.Field(name) ?? throw EventSchemaReading.Unsuitable($"record '{record.Name}'", $"has no field '{name}', as an event has");

    private static AvroSchema.Record Record(AvroSchema.Record record, AvroField field, AvroNamedTypes names) =>
        EventSchemaReading.Some(field.Type) is { } type && names.Resolve(type) is AvroSchema.Record inner
            ? inner
            : throw EventSchemaReading.Unsuitable($"field '{field.Name}' of '{record.Name}'", "is not a record");

    private static AvroSchema? Items(AvroField field, AvroNamedTypes names) =>
        EventSchemaReading.Some(field.Type) is AvroSchema.Array array ? names.Resolve(array.Items) : null;

    private static RecordSlicer.Wanted Wanted((string Name, int Slot, AvroKind Kind)[] fields) =>
        new(SlotIn([.. fields.Select(field => (field.Name, field.Slot))]));

    private static RecordSlicer.Wanted Columns(TableSchema table, int first) =>
        new(SlotIn([.. table.Columns.Select((column, index) => (column.FieldName, first + index))]));

    private static Func<string, int> SlotIn((string Name, int Slot)[] fields)
    {
        var slots = fields.ToFrozenDictionary(field => field.Name, field => field.Slot, StringComparer.Ordinal);
        return name => slots.TryGetValue(name, out var slot) ? slot : -1;
    }
}
