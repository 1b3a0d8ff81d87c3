using System.Text;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
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

    /// <summary>DuckDB itself has no bound; a longer name is nobody's intention.</summary>
    public const int MaxBytes = 1024;

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Schema(string schema) => $"{Catalog}.{Quote(schema)}";

    public static string Table(TargetName table) => $"{Schema(table.Schema)}.{Quote(table.Name)}";

    /// <summary>A staging table's name.</summary>
    public static string Staging(string name) => $"temp.main.{Quote(name)}";

    /// <summary>A staging table's column, by its number: no name of the user's stands beside the platform's there.</summary>
    public static string Staged(int number) => FormattableString.Invariant($"c{number}");

    /// <summary>A name as DuckDB compares it: without regard to the case of the letters A to Z.</summary>
    public static string Fold(string name) => string.Create(name.Length, name, static (folded, original) =>
    {
        for (var i = 0; i < folded.Length; i++)
            folded[i] = original[i] is >= 'A' and <= 'Z' ? (char)(original[i] | 0x20) : original[i];
    });

    public static void Check(TargetName table)
    {
        Check(table.Schema, $"schema of table '{table}'");
        Check(table.Name, $"table '{table}'");
    }

    /// <summary>Checks columns one by one, and against each other and the platform's own.</summary>
    public static void Check(TargetName table, IEnumerable<ColumnSchema> columns, MetadataColumns metadata)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            var what = $"column '{column.Name}' of table '{table}'";
            Check(column.Name, what);
            if (metadata.Names.Contains(Fold(column.Name), StringComparer.Ordinal))
                throw NameTaken.By(table, column.Name, metadata);
            if (!seen.Add(Fold(column.Name)))
                throw Unusable(what, "another column of that name, maybe in other letters' case");
        }
    }

    private static void Check(string name, string what)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            throw Unusable(what.Replace("\0", "\\0", StringComparison.Ordinal), "a name that is empty or has a zero byte");
        var bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes > MaxBytes)
        {
            throw new CdcException(
                ErrorCodes.TargetNameTooLong,
                FormattableString.Invariant($"Naming {what} in DuckDB found {bytes} bytes, and at most {MaxBytes} were expected."));
        }
    }

    private static CdcException Unusable(string what, string found) =>
        new(ErrorCodes.TargetNameUnusable, $"Naming {what} in DuckDB met {found}, and names must be unique and usable as they are.");
}
