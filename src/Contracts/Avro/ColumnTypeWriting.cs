using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Avro;

/// <summary>
/// Column types as Avro schemas, for one schema text: it remembers which records the text has defined so far. What a column itself says
/// (its parameters) stands on its type, as Connect's converter puts it; on a record type, which is defined once for all columns, it
/// cannot, and the field carries it (<see cref="IsRecord"/>).
/// </summary>
internal sealed class ColumnTypeWriting
{
    private readonly HashSet<AvroName> defined = [];

    public static bool IsRecord(ColumnType type) => type is ColumnType.VariableDecimal or ColumnType.Point;

    public AvroSchema Write(ColumnType type, ImmutableArray<KeyValuePair<string, string>> column) => type switch
    {
        ColumnType.Boolean => Plain(AvroKind.Boolean, column),
        ColumnType.Int16 => Plain(AvroKind.Int, column, properties => properties.With(SchemaNames.ConnectType, "int16")),
        ColumnType.Int32 => Plain(AvroKind.Int, column),
        ColumnType.Int64 => Plain(AvroKind.Long, column),
        ColumnType.Float32 => Plain(AvroKind.Float, column),
        ColumnType.Float64 => Plain(AvroKind.Double, column),
        ColumnType.Decimal number => Decimal(number, column),
        ColumnType.VariableDecimal => Once(VariableDecimal()),
        ColumnType.Text => Plain(AvroKind.String, column),
        ColumnType.Bytes => Plain(AvroKind.Bytes, column),
        ColumnType.Date => Semantic(AvroKind.Int, SchemaNames.Date, column),
        ColumnType.Time { Digits: <= 3 } time => Semantic(AvroKind.Int, SchemaNames.Time, [Digits(time.Digits), .. column]),
        ColumnType.Time time => Semantic(AvroKind.Long, SchemaNames.MicroTime, [Digits(time.Digits), .. column]),
        ColumnType.Timestamp { Digits: <= 3 } time => Semantic(AvroKind.Long, SchemaNames.Timestamp, [Digits(time.Digits), .. column]),
        ColumnType.Timestamp time => Semantic(AvroKind.Long, SchemaNames.MicroTimestamp, [Digits(time.Digits), .. column]),
        ColumnType.ZonedTimestamp time => Semantic(AvroKind.String, SchemaNames.ZonedTimestamp, [Digits(time.Digits), .. column]),
        ColumnType.ZonedTime time => Semantic(AvroKind.String, SchemaNames.ZonedTime, [Digits(time.Digits), .. column]),
        ColumnType.Interval => Semantic(AvroKind.String, SchemaNames.Interval, column),
        ColumnType.Json => Semantic(AvroKind.String, SchemaNames.Json, column),
        ColumnType.Xml => Semantic(AvroKind.String, SchemaNames.Xml, column),
        ColumnType.Uuid => Semantic(AvroKind.String, SchemaNames.Uuid, column),
        ColumnType.LabelTree => Semantic(AvroKind.String, SchemaNames.LabelTree, column),
        ColumnType.TextSearchVector => Semantic(AvroKind.String, SchemaNames.TextSearchVector, column),
        ColumnType.Enum labels => Semantic(AvroKind.String, SchemaNames.Enum, [.. Labels(labels.Allowed), .. column]),
        ColumnType.Bits bits => Semantic(AvroKind.Bytes, SchemaNames.Bits, [new("length", Text(bits.Length)), .. column]),
        ColumnType.Point => Once(Point()),
        ColumnType.Array array => Array(array, column),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a column type."),
    };

    /// <summary>A union of null and the type: what may be null, or missing, is so by default.</summary>
    public static AvroSchema.Union Optional(AvroSchema type) => new([new AvroSchema.Primitive(AvroKind.Null), type]);

    private static AvroSchema.Primitive Plain(
        AvroKind kind, ImmutableArray<KeyValuePair<string, string>> parameters, Func<AvroProperties, AvroProperties>? after = null)
    {
        var properties = WithParameters(AvroProperties.None, parameters);
        return new AvroSchema.Primitive(kind) { Properties = after is null ? properties : after(properties) };
    }

    private static AvroSchema.Primitive Semantic(AvroKind kind, string name, ImmutableArray<KeyValuePair<string, string>> parameters) =>
        new(kind) { Properties = Named(AvroProperties.None, name, parameters) };

    private static AvroSchema.Primitive Decimal(ColumnType.Decimal number, ImmutableArray<KeyValuePair<string, string>> column)
    {
        var properties = AvroProperties.None.With("scale", number.Scale).With("precision", number.Precision);
        ImmutableArray<KeyValuePair<string, string>> parameters =
            [new("scale", Text(number.Scale)), new(SchemaNames.ConnectDecimalPrecision, Text(number.Precision)), .. column];
        return new AvroSchema.Primitive(AvroKind.Bytes)
        {
            Properties = Named(properties, SchemaNames.ConnectDecimal, parameters).With(SchemaNames.LogicalType, "decimal"),
        };
    }

    private static AvroSchema.Record VariableDecimal() => new(
        AvroName.Of(SchemaNames.VariableScaleDecimal, ""),
        [
            new AvroField("scale", new AvroSchema.Primitive(AvroKind.Int)),
            new AvroField("value", new AvroSchema.Primitive(AvroKind.Bytes)),
        ])
    {
        Properties = Named(AvroProperties.None, SchemaNames.VariableScaleDecimal, []),
    };

    private static AvroSchema.Record Point() => new(
        AvroName.Of(SchemaNames.Point, ""),
        [
            new AvroField("x", new AvroSchema.Primitive(AvroKind.Double)),
            new AvroField("y", new AvroSchema.Primitive(AvroKind.Double)),
            OptionalField("wkb", AvroKind.Bytes),
            OptionalField("srid", AvroKind.Int),
        ])
    {
        Properties = Named(AvroProperties.None, SchemaNames.Point, []),
    };

    private static AvroField OptionalField(string name, AvroKind kind) =>
        new(name, Optional(new AvroSchema.Primitive(kind))) { Properties = AvroProperties.None.WithJson("default", "null") };

    private AvroSchema.Array Array(ColumnType.Array array, ImmutableArray<KeyValuePair<string, string>> column) =>
        new(Optional(Write(array.Element, []))) { Properties = WithParameters(AvroProperties.None, column) };

    private AvroSchema Once(AvroSchema.Record record) => defined.Add(record.Name) ? record : new AvroSchema.Reference(record.Name);

    private static AvroProperties Named(AvroProperties properties, string name, ImmutableArray<KeyValuePair<string, string>> parameters) =>
        WithParameters(properties.With(SchemaNames.ConnectVersion, 1), parameters).With(SchemaNames.ConnectName, name);

    private static AvroProperties WithParameters(AvroProperties properties, ImmutableArray<KeyValuePair<string, string>> parameters) =>
        parameters.IsEmpty ? properties : properties.With(SchemaNames.ConnectParameters, parameters);

    private static IEnumerable<KeyValuePair<string, string>> Labels(ImmutableArray<string> labels)
    {
        var joined = string.Join(',', labels);
        yield return new(SchemaNames.Allowed, joined);
        if (!joined.Split(',').SequenceEqual(labels, StringComparer.Ordinal))
            yield return new(SchemaNames.AllowedList, JsonSerializer.Serialize(labels));
    }

    private static KeyValuePair<string, string> Digits(int digits) => new(SchemaNames.SourceColumnScale, Text(digits));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
