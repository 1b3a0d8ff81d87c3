using System.Collections.Immutable;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Avro;

/// <summary>
/// A table's description as the schemas of its events, and back. The envelope is Debezium 3.6's (<c>SchemaFactory</c>,
/// <c>Envelope</c>, <c>TableSchemaBuilder</c>) as Confluent's Avro converter writes it, with three optional fields of ours at the end.
/// The same table gives the same text, byte for byte.
/// </summary>
public static class EventSchemaMapping
{
    private const string OwnNamespace = "cdc";

    /// <summary>The schemas under which a table's events are written.</summary>
    /// <param name="table">Its column field names are names that Avro allows, each once (<see cref="AvroNames.FieldNames"/>).</param>
    /// <param name="topic">The table's topic: record names and <c>connect.name</c> follow from it.</param>
    /// <param name="source">The schema of the block <c>source</c>, which each kind of source describes itself.</param>
    public static EventSchemas ToSchemas(TableSchema table, string topic, AvroSchema.Record source)
    {
        var space = AvroNames.Namespace(topic);
        return new EventSchemas(table.HasKey ? Key(table, topic, space) : null, Envelope(table, topic, space, source));
    }

    /// <summary>
    /// What a reader learns from a topic's schemas, also from those Debezium wrote. <c>CDC-4004</c>, naming field and type, where the
    /// value is not an envelope or no column type holds a field's values.
    /// </summary>
    public static TableSchema FromSchemas(AvroSchema? key, AvroSchema envelope) => EventSchemaReading.Read(key, envelope);

    private static AvroSchema.Record Key(TableSchema table, string topic, string space)
    {
        var types = new ColumnTypeWriting();
        var fields = table.Key.Select(index => Field(table.Columns[index], types)).ToImmutableArray();
        return new AvroSchema.Record(new AvroName(space, "Key"), fields) { Properties = Named($"{topic}.Key") };
    }

    private static AvroSchema.Record Envelope(TableSchema table, string topic, string space, AvroSchema.Record source)
    {
        var value = Value(table, topic, space);
        ImmutableArray<AvroField> fields =
        [
            Optional(EnvelopeFields.Before, value),
            Optional(EnvelopeFields.After, new AvroSchema.Reference(value.Name)),
            new(EnvelopeFields.Source, source),
            Optional(EnvelopeFields.Transaction, Transaction()),
            new(EnvelopeFields.Op, Text()),
            Optional(EnvelopeFields.TsMs, new AvroSchema.Primitive(AvroKind.Long)),
            Optional(EnvelopeFields.TsUs, new AvroSchema.Primitive(AvroKind.Long)),
            Optional(EnvelopeFields.TsNs, new AvroSchema.Primitive(AvroKind.Long)),
            Optional(EnvelopeFields.Read, Texts("Read", EnvelopeFields.ReadSnapshot, EnvelopeFields.ReadReason)),
            Optional(EnvelopeFields.Unchanged, new AvroSchema.Array(Text())),
            Optional(EnvelopeFields.Exact, new AvroSchema.Array(
                Texts("Exact", EnvelopeFields.ExactImage, EnvelopeFields.ExactColumn, EnvelopeFields.ExactText))),
        ];
        return new AvroSchema.Record(new AvroName(space, "Envelope"), fields)
        {
            Properties = AvroProperties.None
                .With(SchemaNames.ConnectVersion, 2)
                .With(SchemaNames.ConnectName, $"{topic}.Envelope")
                .With(SchemaNames.TableSchema, table.Id.Schema)
                .With(SchemaNames.TableName, table.Id.Name),
        };
    }

    private static AvroSchema.Record Value(TableSchema table, string topic, string space)
    {
        var types = new ColumnTypeWriting();
        var fields = table.Columns.Select(column =>
        {
            var field = Field(column, types);
            var properties = AvroProperties.None.WithJson("default", "null");
            return new AvroField(field.Name, ColumnTypeWriting.Optional(field.Type))
            {
                Properties = new AvroProperties(properties.Items.AddRange(field.Properties.Items)),
            };
        });
        return new AvroSchema.Record(new AvroName(space, "Value"), [.. fields]) { Properties = Named($"{topic}.Value") };
    }

    private static AvroField Field(ColumnSchema column, ColumnTypeWriting types)
    {
        ImmutableArray<KeyValuePair<string, string>> parameters =
            [new(SchemaNames.SourceColumnType, column.SourceType), new(SchemaNames.SourceColumnName, column.Name)];
        var field = new AvroField(column.FieldName, types.Write(column.Type, parameters));
        return ColumnTypeWriting.IsRecord(column.Type)
            ? field with { Properties = AvroProperties.None.With(SchemaNames.ConnectParameters, parameters) }
            : field;
    }

    private static AvroSchema.Record Transaction() => new(
        AvroName.Of(SchemaNames.TransactionBlock, ""),
        [
            new AvroField("id", Text()),
            new AvroField("total_order", new AvroSchema.Primitive(AvroKind.Long)),
            new AvroField("data_collection_order", new AvroSchema.Primitive(AvroKind.Long)),
        ])
    {
        Properties = AvroProperties.None.With(SchemaNames.ConnectVersion, 1).With(SchemaNames.ConnectName, SchemaNames.TransactionBlock),
    };

    private static AvroSchema.Record Texts(string name, params ReadOnlySpan<string> fields)
    {
        var list = ImmutableArray.CreateBuilder<AvroField>(fields.Length);
        foreach (var field in fields)
            list.Add(new AvroField(field, Text()));
        return new AvroSchema.Record(new AvroName(OwnNamespace, name),
            list.MoveToImmutable()) { Properties = Named($"{OwnNamespace}.{name}") };
    }

    private static AvroField Optional(string name, AvroSchema type) =>
        new(name, ColumnTypeWriting.Optional(type)) { Properties = AvroProperties.None.WithJson("default", "null") };

    private static AvroSchema.Primitive Text() => new(AvroKind.String);

    private static AvroProperties Named(string name) => AvroProperties.None.With(SchemaNames.ConnectName, name);
}
