using System.Collections.Immutable;

namespace Cdc.Contracts.Avro;

/// <summary>
/// An Avro schema (specification 1.12), built like its text: a named type is defined where it comes first and is a <see cref="Reference"/>
/// after that. Two schemas are the same when their texts are.
/// </summary>
public abstract record AvroSchema
{
    private AvroSchema()
    {
    }

    /// <summary>What the schema says besides its structure. A union has none.</summary>
    public AvroProperties Properties { get; init; } = AvroProperties.None;

    /// <summary>The property <c>connect.name</c>: what the values mean to Kafka Connect.</summary>
    public string? ConnectName => Properties.Text("connect.name");

    /// <summary>The property <c>logicalType</c>.</summary>
    public string? LogicalType => Properties.Text("logicalType");

    public sealed record Primitive(AvroKind Kind) : AvroSchema;

    public sealed record Record(AvroName Name, ImmutableArray<AvroField> Fields) : AvroSchema
    {
        /// <summary>The field of a name, or null.</summary>
        public AvroField? Field(string name) => Fields.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.Ordinal));
    }

    public sealed record Enum(AvroName Name, ImmutableArray<string> Symbols) : AvroSchema;

    public sealed record Fixed(AvroName Name, int Size) : AvroSchema;

    public sealed record Array(AvroSchema Items) : AvroSchema;

    /// <summary>Keys are strings.</summary>
    public sealed record Map(AvroSchema Values) : AvroSchema;

    public sealed record Union(ImmutableArray<AvroSchema> Branches) : AvroSchema;

    /// <summary>A named type that was defined before.</summary>
    public sealed record Reference(AvroName Name) : AvroSchema;
}

/// <summary>A field of a record.</summary>
public sealed record AvroField(string Name, AvroSchema Type)
{
    /// <summary>What the field says besides name and type, <c>default</c> and <c>doc</c> among it.</summary>
    public AvroProperties Properties { get; init; } = AvroProperties.None;

    /// <summary>The default as JSON, or null where the field has none (the default null is the text <c>null</c>).</summary>
    public string? Default => Properties["default"];
}
