using Cdc.Contracts.Errors;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.DuckDb.Sql;

/// <summary>
/// Names in DuckDB's SQL. All are hostile and always quoted; tables are named with the attached database in front, for a schema of that
/// database's name, or one called <c>temp</c>, would be taken for a database.
/// </summary>
internal static class SqlName
{
    /// <summary>The name under which the target's file is attached.</summary>
    public const string Catalog = "cdc_target";

    /// <summary>The schema of the ledger and of the list of tables.</summary>
    public const string OwnSchema = "_cdc";

    public static string Quote(string name) => name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal)
        ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : throw new CdcException(ErrorCodes.TargetColumnUnsuitable, "Naming a table or column in DuckDB, a name was found that is empty or holds a zero character.");

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Schema(string schema) => $"{Catalog}.{Quote(schema)}";

    public static string Table(TargetName table) => $"{Schema(table.Schema)}.{Quote(table.Name)}";

    /// <summary>A staging table's name.</summary>
    public static string Staging(string name) => $"temp.main.{Quote(name)}";

    /// <summary>Names as DuckDB compares them: without regard to the case of the letters A to Z.</summary>
    public static string Fold(string name) => string.Create(name.Length, name, static (folded, original) =>
    {
        for (var i = 0; i < folded.Length; i++)
            folded[i] = original[i] is >= 'A' and <= 'Z' ? (char)(original[i] | 0x20) : original[i];
    });
}
