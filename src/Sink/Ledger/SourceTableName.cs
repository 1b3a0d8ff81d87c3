namespace Cdc.Sink.Ledger;

/// <summary>A table as its events name it: topic prefix, database, schema and table, in the source's spelling.</summary>
public readonly record struct SourceTableName(string Source, string Database, string Schema, string Table);
