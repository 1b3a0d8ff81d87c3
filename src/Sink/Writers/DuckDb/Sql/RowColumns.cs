using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Types;

namespace Cdc.Sink.Writers.DuckDb.Sql;

/// <summary>The columns by which every row remembers the record that last wrote it, with their types in DuckDB.</summary>
internal static class RowColumns
{
    private static readonly string[] Types = ["INTEGER", "BIGINT", DuckDbTypes.TimestampTz];

    public static IEnumerable<SqlColumn> Of(
        MetadataColumns metadata) => metadata.Names.Zip(Types, (name, type) => new SqlColumn(name, type));
}

/// <summary>A column's name, unquoted, and its type as DuckDB writes it.</summary>
internal readonly record struct SqlColumn(string Name, string Type)
{
    public string Definition => $"{SqlName.Quote(Name)} {Type}";

    public static SqlColumn Of(ColumnSchema column) => new(column.Name, DuckDbTypes.Of(column.Type));
}
