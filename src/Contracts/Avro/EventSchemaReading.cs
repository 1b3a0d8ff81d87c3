using System.Collections.Immutable;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Avro;

/// <summary>A topic's schemas as the table they describe.</summary>
internal static class EventSchemaReading
{
    public static TableSchema Read(AvroSchema? key, AvroSchema envelope)
    {
        if (envelope is not AvroSchema.Record record)
            throw Unsuitable("a value's schema", "is not a record");
        var names = new AvroNamedTypes(envelope);
        var value = ValueOf(record, names);
        var columns = value.Fields.Select(field => Column(value, field, names)).ToImmutableArray();
        CheckNames(value, columns);
        return new TableSchema(TableOf(record), columns, key is null ? [] : KeyOf(key, columns));
    }

    /// <summary>The record of an image, the same for both.</summary>
    public static AvroSchema.Record ValueOf(AvroSchema.Record envelope, AvroNamedTypes names)
    {
        var after = ImageOf(envelope, EnvelopeFields.After, names)
            ?? throw Unsuitable($"record '{envelope.Name}'", $"has no field '{EnvelopeFields.After}', as an event has");
        var before = ImageOf(envelope, EnvelopeFields.Before, names);
        if (before is not null && before.Name != after.Name)
            throw Unsuitable($"record '{envelope.Name}'", $"has images of two types, '{before.Name}' and '{after.Name}'");
        return after.Fields.IsEmpty ? throw Unsuitable($"record '{after.Name}'", "has no columns") : after;
    }

    /// <summary>The type beside null of a union of two, or a type that is no union. Null for any other union.</summary>
    public static AvroSchema? Some(AvroSchema type) => type switch
    {
        AvroSchema.Union { Branches: [AvroSchema.Primitive { Kind: AvroKind.Null }, var some] } => some,
        AvroSchema.Union { Branches: [var some, AvroSchema.Primitive { Kind: AvroKind.Null }] } => some,
        AvroSchema.Union => null,
        _ => type,
    };

    public static CdcException Unsuitable(string what, string found) =>
        new(ErrorCodes.EnvelopeUnsuitable, $"Reading an event's schema, {what} {found}.");

    private static AvroSchema.Record? ImageOf(AvroSchema.Record envelope, string name, AvroNamedTypes names)
    {
        if (envelope.Field(name) is not { } field)
            return null;
        return Some(field.Type) is { } type && names.Resolve(type) is AvroSchema.Record image
            ? image
            : throw Unsuitable($"field '{name}' of '{envelope.Name}'", "is not a record or null");
    }

    private static ColumnSchema Column(AvroSchema.Record record, AvroField field, AvroNamedTypes names)
    {
        var schema = Some(field.Type) ?? throw Unheld(record, field, field.Type);
        var type = ColumnTypeReading.Read(schema, names) ?? throw Unheld(record, field, names.Resolve(schema));
        var name = Parameter(schema, field, SchemaNames.SourceColumnName) ?? field.Name;
        return new ColumnSchema(name, field.Name, type, Parameter(schema, field, SchemaNames.SourceColumnType) ?? "");
    }

    private static string? Parameter(AvroSchema schema, AvroField field, string name) =>
        schema.Properties.Parameter(name) ?? field.Properties.Parameter(name);

    private static void CheckNames(AvroSchema.Record value, ImmutableArray<ColumnSchema> columns)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!seen.Add(column.Name))
                throw Unsuitable($"record '{value.Name}'", $"has two fields of a column '{column.Name}'");
        }
    }

    private static ImmutableArray<int> KeyOf(AvroSchema key, ImmutableArray<ColumnSchema> columns)
    {
        if (key is not AvroSchema.Record record)
            throw Unsuitable("a key's schema", "is not a record");
        var names = new AvroNamedTypes(key);
        var places = Enumerable.Range(0, columns.Length).ToDictionary(place => columns[place].FieldName, StringComparer.Ordinal);
        return
        [
            .. record.Fields.Select(field =>
            {
                if (!places.TryGetValue(field.Name, out var place))
                    throw Unsuitable($"key field '{field.Name}' of '{record.Name}'", "is not a field of the value");
                return columns[place].Type == Column(record, field, names).Type
                    ? place
                    : throw Unsuitable($"key field '{field.Name}' of '{record.Name}'", "has another type than in the value");
            }),
        ];
    }

    // An envelope of another writer says its table only by its name: prefix, schema, table.
    private static TableId TableOf(AvroSchema.Record envelope)
    {
        if (envelope.Properties.Text(SchemaNames.TableSchema) is { } schema && envelope.Properties.Text(SchemaNames.TableName) is { } table)
            return new TableId(schema, table);
        var parts = (envelope.ConnectName ?? envelope.Name.FullName).Split('.');
        return parts.Length >= 3
            ? new TableId(parts[^3], parts[^2])
            : throw Unsuitable($"record '{envelope.Name}'", "is not named after a table's topic");
    }

    private static CdcException Unheld(AvroSchema.Record record, AvroField field, AvroSchema type) =>
        Unsuitable($"field '{field.Name}' of '{record.Name}'", $"has type '{Describe(type)}', which no column type holds");

    private static string Describe(AvroSchema type) => type.ConnectName ?? type.LogicalType ?? type switch
    {
        AvroSchema.Primitive primitive => AvroSchemaWriter.NameOf(primitive.Kind),
        AvroSchema.Record record => record.Name.FullName,
        AvroSchema.Enum symbols => symbols.Name.FullName,
        AvroSchema.Fixed bytes => bytes.Name.FullName,
        AvroSchema.Array array => $"array of {Describe(array.Items)}",
        AvroSchema.Map map => $"map of {Describe(map.Values)}",
        AvroSchema.Union union => $"[{string.Join(", ", union.Branches.Select(Describe))}]",
        AvroSchema.Reference reference => reference.Name.FullName,
        _ => "unknown",
    };
}
