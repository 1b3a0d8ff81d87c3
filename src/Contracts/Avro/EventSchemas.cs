namespace Cdc.Contracts.Avro;

/// <summary>The two schemas of a table's topic.</summary>
/// <param name="Key">The key columns, or null where the table has none.</param>
/// <param name="Value">The envelope.</param>
public sealed record EventSchemas(AvroSchema.Record? Key, AvroSchema.Record Value);
