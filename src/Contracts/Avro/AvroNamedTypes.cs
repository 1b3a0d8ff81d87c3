namespace Cdc.Contracts.Avro;

/// <summary>The named types a schema defines, to follow its references.</summary>
internal sealed class AvroNamedTypes
{
    private readonly Dictionary<AvroName, AvroSchema> definitions = [];

    public AvroNamedTypes(AvroSchema schema) => Collect(schema);

    /// <summary>What a reference means; any other schema itself.</summary>
    public AvroSchema Resolve(AvroSchema schema) => schema is AvroSchema.Reference reference ? definitions[reference.Name] : schema;

    private void Collect(AvroSchema schema)
    {
        switch (schema)
        {
            case AvroSchema.Record record:
                definitions.Add(record.Name, record);
                foreach (var field in record.Fields)
                    Collect(field.Type);
                break;
            case AvroSchema.Enum symbols:
                definitions.Add(symbols.Name, symbols);
                break;
            case AvroSchema.Fixed bytes:
                definitions.Add(bytes.Name, bytes);
                break;
            case AvroSchema.Array array:
                Collect(array.Items);
                break;
            case AvroSchema.Map map:
                Collect(map.Values);
                break;
            case AvroSchema.Union union:
                foreach (var branch in union.Branches)
                    Collect(branch);
                break;
            case AvroSchema.Primitive or AvroSchema.Reference:
                break;
        }
    }
}
