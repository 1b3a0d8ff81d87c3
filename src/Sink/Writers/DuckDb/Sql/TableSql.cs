using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.DuckDb.Sql;

/// <summary>
/// Statements that make and describe target tables. No primary key: its index makes a merge of 100,000 rows into a million take 0.58 s
/// instead of 0.04.
/// </summary>
internal static class TableSql
{
    /// <summary>Columns of a table or view in order, as name and type; $1 schema, $2 table.</summary>
    public const string Describe = $"""
        SELECT column_name::VARCHAR, data_type::VARCHAR FROM duckdb_columns()
        WHERE database_name = '{SqlName.Catalog}' AND lower(schema_name) = lower($1) AND lower(table_name) = lower($2)
        ORDER BY column_index
        """;

    /// <summary>What there is under a name: <c>BASE TABLE</c>, <c>VIEW</c>; $1 schema, $2 table.</summary>
    public const string Kind = $"""
        SELECT table_type::VARCHAR FROM information_schema.tables
        WHERE table_catalog = '{SqlName.Catalog}' AND lower(table_schema) = lower($1) AND lower(table_name) = lower($2)
        """;

    public static string Create(TargetName table, IEnumerable<SqlColumn> columns) =>
        $"CREATE SCHEMA IF NOT EXISTS {SqlName.Schema(table.Schema)}; CREATE TABLE {SqlName.Table(table)} ({Definitions(columns)})";

    public static string AddColumn(TargetName table, SqlColumn column) =>
        $"ALTER TABLE {SqlName.Table(table)} ADD COLUMN IF NOT EXISTS {column.Definition}";

    public static string RenameColumn(TargetName table, string before, string after) =>
        $"ALTER TABLE {SqlName.Table(table)} RENAME COLUMN {SqlName.Quote(before)} TO {SqlName.Quote(after)}";

    /// <summary>To be prepared, not run: its columns are the table's.</summary>
    public static string Columns(TargetName table) => $"FROM {SqlName.Table(table)}";

    public static string HasRows(TargetName table) => $"SELECT 1::BIGINT FROM {SqlName.Table(table)} LIMIT 1";

    /// <summary>$1 partition.</summary>
    public static string Truncate(TargetName table, MetadataColumns metadata) =>
        $"DELETE FROM {SqlName.Table(table)} WHERE {SqlName.Quote(metadata.Partition)} = $1";

    /// <summary>
    /// $1 partition, $2 offset; $3 the first partition out of use, where there are rows of such. Rows of no record go too: somebody wrote
    /// them by hand.
    /// </summary>
    public static string Sweep(TargetName table, MetadataColumns metadata, int? unusedFrom) =>
        $"DELETE FROM {SqlName.Table(table)} WHERE {SqlName.Quote(metadata.Partition)} = $1 AND {SqlName.Quote(metadata.Offset)} < $2"
        + (unusedFrom is not null
            ? $" OR {SqlName.Quote(metadata.Partition)} >= $3 OR {SqlName.Quote(metadata.Partition)} IS NULL " +
                $"OR {SqlName.Quote(metadata.Offset)} IS NULL"
            : "");

    /// <summary>$1 partition.</summary>
    public static string ForgetOffsets(TargetName table, MetadataColumns metadata) =>
        $"UPDATE {SqlName.Table(table)} SET {SqlName.Quote(metadata.Offset)} = -1 WHERE {SqlName.Quote(metadata.Partition)} = $1";

    public static string Definitions(IEnumerable<SqlColumn> columns) => string.Join(", ", columns.Select(column => column.Definition));
}
