namespace Cdc.Contracts.Schema;

/// <summary>A column as an event describes it.</summary>
/// <param name="Name">The source's own spelling.</param>
/// <param name="FieldName">Its name in the Avro record: characters outside <c>[A-Za-z0-9_]</c> are <c>_</c>, clashes numbered.</param>
/// <param name="Type">What its values are.</param>
/// <param name="SourceType">
/// The source's exact type text, modifier included, such as <c>numeric(10,2)</c>. From outside: never put into SQL as it is.
/// </param>
public sealed record ColumnSchema(string Name, string FieldName, ColumnType Type, string SourceType);
