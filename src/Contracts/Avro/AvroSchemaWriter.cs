using System.Text.Json;

namespace Cdc.Contracts.Avro;

/// <summary>Writes one schema as JSON, whole or in canonical form.</summary>
internal readonly struct AvroSchemaWriter(Utf8JsonWriter writer)
{
    public static string NameOf(AvroKind kind) => kind switch
    {
        AvroKind.Null => "null",
        AvroKind.Boolean => "boolean",
        AvroKind.Int => "int",
        AvroKind.Long => "long",
        AvroKind.Float => "float",
        AvroKind.Double => "double",
        AvroKind.Bytes => "bytes",
        AvroKind.String => "string",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a primitive type."),
    };

    /// <param name="enclosing">The namespace that names without one belong to here.</param>
    public void Write(AvroSchema schema, string enclosing)
    {
        switch (schema)
        {
            case AvroSchema.Union union:
                WriteAll(union.Branches, enclosing);
                break;
            case AvroSchema.Primitive primitive when schema.Properties.Items.IsEmpty:
                writer.WriteStringValue(NameOf(primitive.Kind));
                break;
            case AvroSchema.Reference reference when schema.Properties.Items.IsEmpty:
                writer.WriteStringValue(Relative(reference.Name, enclosing));
                break;
            default:
                writer.WriteStartObject();
                WriteStructure(schema, enclosing);
                WriteProperties(schema.Properties);
                writer.WriteEndObject();
                break;
        }
    }

    public void WriteCanonical(AvroSchema schema)
    {
        switch (schema)
        {
            case AvroSchema.Primitive primitive:
                writer.WriteStringValue(NameOf(primitive.Kind));
                return;
            case AvroSchema.Reference reference:
                writer.WriteStringValue(reference.Name.FullName);
                return;
            case AvroSchema.Union union:
                writer.WriteStartArray();
                foreach (var branch in union.Branches)
                    WriteCanonical(branch);
                writer.WriteEndArray();
                return;
        }

        writer.WriteStartObject();
        WriteCanonicalStructure(schema);
        writer.WriteEndObject();
    }

    private void WriteStructure(AvroSchema schema, string enclosing)
    {
        switch (schema)
        {
            case AvroSchema.Primitive primitive:
                writer.WriteString("type", NameOf(primitive.Kind));
                break;
            case AvroSchema.Reference reference:
                writer.WriteString("type", Relative(reference.Name, enclosing));
                break;
            case AvroSchema.Array array:
                writer.WriteString("type", "array");
                writer.WritePropertyName("items");
                Write(array.Items, enclosing);
                break;
            case AvroSchema.Map map:
                writer.WriteString("type", "map");
                writer.WritePropertyName("values");
                Write(map.Values, enclosing);
                break;
            case AvroSchema.Record record:
                WriteHead("record", record.Name, enclosing);
                WriteFields(record);
                break;
            case AvroSchema.Enum symbols:
                WriteHead("enum", symbols.Name, enclosing);
                WriteSymbols(symbols);
                break;
            case AvroSchema.Fixed bytes:
                WriteHead("fixed", bytes.Name, enclosing);
                writer.WriteNumber("size", bytes.Size);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(schema), schema, "Not a schema with a structure.");
        }
    }

    private void WriteCanonicalStructure(AvroSchema schema)
    {
        switch (schema)
        {
            case AvroSchema.Array array:
                writer.WriteString("type", "array");
                writer.WritePropertyName("items");
                WriteCanonical(array.Items);
                break;
            case AvroSchema.Map map:
                writer.WriteString("type", "map");
                writer.WritePropertyName("values");
                WriteCanonical(map.Values);
                break;
            case AvroSchema.Record record:
                WriteCanonicalHead("record", record.Name);
                WriteCanonicalFields(record);
                break;
            case AvroSchema.Enum symbols:
                WriteCanonicalHead("enum", symbols.Name);
                WriteSymbols(symbols);
                break;
            case AvroSchema.Fixed bytes:
                WriteCanonicalHead("fixed", bytes.Name);
                writer.WriteNumber("size", bytes.Size);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(schema), schema, "Not a schema with a structure.");
        }
    }

    private void WriteHead(string type, AvroName name, string enclosing)
    {
        writer.WriteString("type", type);
        writer.WriteString("name", name.Name);
        if (!string.Equals(name.Namespace, enclosing, StringComparison.Ordinal))
            writer.WriteString("namespace", name.Namespace);
    }

    private void WriteCanonicalHead(string type, AvroName name)
    {
        writer.WriteString("name", name.FullName);
        writer.WriteString("type", type);
    }

    private void WriteFields(AvroSchema.Record record)
    {
        writer.WriteStartArray("fields");
        foreach (var field in record.Fields)
        {
            writer.WriteStartObject();
            writer.WriteString("name", field.Name);
            writer.WritePropertyName("type");
            Write(field.Type, record.Name.Namespace);
            WriteProperties(field.Properties);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteCanonicalFields(AvroSchema.Record record)
    {
        writer.WriteStartArray("fields");
        foreach (var field in record.Fields)
        {
            writer.WriteStartObject();
            writer.WriteString("name", field.Name);
            writer.WritePropertyName("type");
            WriteCanonical(field.Type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteSymbols(AvroSchema.Enum symbols)
    {
        writer.WriteStartArray("symbols");
        foreach (var symbol in symbols.Symbols)
            writer.WriteStringValue(symbol);
        writer.WriteEndArray();
    }

    private void WriteAll(IEnumerable<AvroSchema> branches, string enclosing)
    {
        writer.WriteStartArray();
        foreach (var branch in branches)
            Write(branch, enclosing);
        writer.WriteEndArray();
    }

    private void WriteProperties(AvroProperties properties)
    {
        foreach (var property in properties.Items)
        {
            writer.WritePropertyName(property.Name);
            writer.WriteRawValue(property.Json, skipInputValidation: true);
        }
    }

    // A type without a namespace cannot be told from one of the enclosing namespace by its text; readers look there second.
    private static string Relative(AvroName name, string enclosing) =>
        string.Equals(name.Namespace, enclosing, StringComparison.Ordinal) ? name.Name : name.FullName;
}
