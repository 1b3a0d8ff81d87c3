namespace Cdc.Capture.Postgres.Catalog;

/// <summary>A type as a column names it.</summary>
/// <param name="Oid">The entry of <c>pg_type</c>.</param>
/// <param name="Modifier">The column's <c>atttypmod</c>; -1 for none.</param>
public readonly record struct TypeReference(uint Oid, int Modifier);
