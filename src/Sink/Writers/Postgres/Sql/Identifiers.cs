using System.Text;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>Names from outside, quoted for SQL, and refused where PostgreSQL would cut them or cannot have them.</summary>
internal static class Identifiers
{
    /// <summary>NAMEDATALEN - 1: what is longer the server cuts, with a notice only.</summary>
    public const int MaxBytes = 63;

    private static readonly string[] SystemColumns = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Quote(TargetName table) => $"{Quote(table.Schema)}.{Quote(table.Name)}";

    /// <summary>A text as a literal; settings are sent so that a backslash is a backslash.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public static void Check(TargetName table)
    {
        Check(table.Schema, $"schema of table '{table}'");
        Check(table.Name, $"table '{table}'");
    }

    /// <summary>Checks the columns of a table one by one, and against each other and the platform's own.</summary>
    public static void Check(TargetName table, IEnumerable<ColumnSchema> columns, MetadataColumns metadata)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            Check(column.Name, $"column '{column.Name}' of table '{table}'");
            if (SystemColumns.Contains(column.Name, StringComparer.Ordinal))
                throw Unusable($"column '{column.Name}' of table '{table}'", "a system column of that name");
            if (metadata.Names.Contains(column.Name, StringComparer.Ordinal))
                throw NameTaken.By(table, column.Name, metadata);
            if (!seen.Add(column.Name))
                throw Unusable($"column '{column.Name}' of table '{table}'", "another column of that name");
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
                FormattableString.Invariant($"Naming {what} in PostgreSQL found {bytes} bytes, and {MaxBytes} are the most it keeps."));
        }
    }

    private static CdcException Unusable(string what, string found) =>
        new(ErrorCodes.TargetNameUnusable, $"Naming {what} in PostgreSQL met {found}, and names must be unique and usable as they are.");
}
