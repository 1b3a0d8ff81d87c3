using System.Globalization;
using System.Text.Json;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Avro;

/// <summary>
/// Avro schemas as column types: ours, and those that Debezium writes in its other modes, so far as a column type holds every value
/// under the same bytes. Null means there is none: the caller refuses (Invariant 4).
/// </summary>
internal static class ColumnTypeReading
{
    public static ColumnType? Read(AvroSchema schema, AvroNamedTypes names) => names.Resolve(schema) switch
    {
        AvroSchema.Primitive primitive when primitive.ConnectName is { } name => Semantic(primitive, name),
        AvroSchema.Primitive primitive when primitive.LogicalType is { } name => Logical(primitive, name),
        AvroSchema.Primitive primitive => Plain(primitive),
        AvroSchema.Array array when array.ConnectName is null => Array(array, names),
        AvroSchema.Record record => Record(record),
        _ => null,
    };

    private static ColumnType? Plain(AvroSchema.Primitive primitive) =>
        (primitive.Kind, primitive.Properties.Text(SchemaNames.ConnectType)) switch
    {
        (AvroKind.Boolean, null) => new ColumnType.Boolean(),
        (AvroKind.Int, "int8" or "int16") => new ColumnType.Int16(),
        (AvroKind.Int, null) => new ColumnType.Int32(),
        (AvroKind.Long, null) => new ColumnType.Int64(),
        (AvroKind.Float, null) => new ColumnType.Float32(),
        (AvroKind.Double, null) => new ColumnType.Float64(),
        (AvroKind.String, null) => new ColumnType.Text(),
        (AvroKind.Bytes, null) => new ColumnType.Bytes(),
        _ => null,
    };

    private static ColumnType? Semantic(AvroSchema.Primitive schema, string name) => (schema.Kind, name) switch
    {
        (AvroKind.Bytes, SchemaNames.ConnectDecimal) => Decimal(schema),
        (AvroKind.Int, SchemaNames.Date or SchemaNames.ConnectDate) => new ColumnType.Date(),
        (AvroKind.Int, SchemaNames.Time or SchemaNames.ConnectTime) => new ColumnType.Time(Digits(schema, 0, 3)),
        (AvroKind.Long, SchemaNames.MicroTime) => new ColumnType.Time(Digits(schema, 4, 6)),
        (AvroKind.Long, SchemaNames.Timestamp or SchemaNames.ConnectTimestamp) => new ColumnType.Timestamp(Digits(schema, 0, 3)),
        (AvroKind.Long, SchemaNames.MicroTimestamp) => new ColumnType.Timestamp(Digits(schema, 4, 6)),
        (AvroKind.String, SchemaNames.ZonedTimestamp) => new ColumnType.ZonedTimestamp(Digits(schema, 0, 6)),
        (AvroKind.String, SchemaNames.ZonedTime) => new ColumnType.ZonedTime(Digits(schema, 0, 6)),
        (AvroKind.String, SchemaNames.Interval) => new ColumnType.Interval(),
        (AvroKind.Int, SchemaNames.Year) => new ColumnType.Int32(),
        (AvroKind.String, SchemaNames.IsoDate or SchemaNames.IsoTime or SchemaNames.IsoTimestamp) => new ColumnType.Text(),
        (AvroKind.String, SchemaNames.Json) => new ColumnType.Json(),
        (AvroKind.String, SchemaNames.Xml) => new ColumnType.Xml(),
        (AvroKind.String, SchemaNames.Uuid) => new ColumnType.Uuid(),
        (AvroKind.String, SchemaNames.LabelTree) => new ColumnType.LabelTree(),
        (AvroKind.String, SchemaNames.TextSearchVector) => new ColumnType.TextSearchVector(),
        (AvroKind.String, SchemaNames.Enum) => Labels(schema),
        (AvroKind.String, SchemaNames.EnumSet) => new ColumnType.Text(),
        (AvroKind.Bytes, SchemaNames.Bits) => Bits(schema),
        _ => null,
    };

    // Connect's converter leaves only these where it is told to write no properties of its own.
    private static ColumnType? Logical(AvroSchema.Primitive schema, string name) => (schema.Kind, name) switch
    {
        (AvroKind.Bytes, "decimal") => Decimal(schema),
        (AvroKind.Int, "date") => new ColumnType.Date(),
        (AvroKind.Int, "time-millis") => new ColumnType.Time(3),
        (AvroKind.Long, "timestamp-millis") => new ColumnType.Timestamp(3),
        _ => null,
    };

    private static ColumnType.Decimal? Decimal(AvroSchema schema)
    {
        var precision = schema.Properties.Number("precision") ?? Number(schema, SchemaNames.ConnectDecimalPrecision) ?? 0;
        var scale = schema.Properties.Number("scale") ?? Number(schema, "scale") ?? 0;
        return precision >= 1 && scale >= 0 && scale <= precision ? new ColumnType.Decimal(precision, scale) : null;
    }

    private static ColumnType.Bits? Bits(AvroSchema schema) =>
        Number(schema, "length") is { } length and > 0 ? new ColumnType.Bits(length) : null;

    // A reader of arrays knows one form of items; a record type's bytes are its fields in our order.
    private static ColumnType.Array? Array(AvroSchema.Array array, AvroNamedTypes names) =>
        array.Items is AvroSchema.Union { Branches: [AvroSchema.Primitive { Kind: AvroKind.Null }, var item] }
            && Read(item, names) is { } element
            ? new ColumnType.Array(element)
            : null;

    private static ColumnType? Record(AvroSchema.Record record) => (record.ConnectName ?? record.Name.FullName) switch
    {
        SchemaNames.VariableScaleDecimal when HasFields(record, ("scale", AvroKind.Int, false), ("value", AvroKind.Bytes, false)) =>
            new ColumnType.VariableDecimal(),
        SchemaNames.Point when HasFields(
            record, ("x", AvroKind.Double, false), ("y", AvroKind.Double, false), ("wkb", AvroKind.Bytes, true),
            ("srid", AvroKind.Int, true)) =>
            new ColumnType.Point(),
        _ => null,
    };

    private static bool HasFields(AvroSchema.Record record, params ReadOnlySpan<(string Name, AvroKind Kind, bool Optional)> expected)
    {
        if (record.Fields.Length != expected.Length)
            return false;
        for (var i = 0; i < expected.Length; i++)
        {
            var type = record.Fields[i].Type;
            if (expected[i].Optional)
                type = type is AvroSchema.Union { Branches: [AvroSchema.Primitive { Kind: AvroKind.Null }, var some] } ? some : null;
            if (!string.Equals(record.Fields[i].Name, expected[i].Name, StringComparison.Ordinal)
                || type is not AvroSchema.Primitive primitive || primitive.Kind != expected[i].Kind)
                return false;
        }

        return true;
    }

    // Without digits, or with some that belong to another unit (Debezium's fixed precisions), the most the unit holds: never fewer.
    private static int Digits(AvroSchema schema, int least, int most) =>
        Number(schema, SchemaNames.SourceColumnScale) is { } digits && digits >= least && digits <= most ? digits : most;

    private static int? Number(AvroSchema schema, string parameter) =>
        int.TryParse(schema.Properties.Parameter(parameter), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : null;

    private static ColumnType.Enum? Labels(AvroSchema schema)
    {
        if (schema.Properties.Parameter(SchemaNames.AllowedList) is not { } list)
            return new ColumnType.Enum([.. (schema.Properties.Parameter(SchemaNames.Allowed) ?? "").Split(',')]);
        try
        {
            return JsonSerializer.Deserialize<string[]>(list) is { } labels && System.Array.TrueForAll(labels, label => label is not null)
                ? new ColumnType.Enum([.. labels])
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
