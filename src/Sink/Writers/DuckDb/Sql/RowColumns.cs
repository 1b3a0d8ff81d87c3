using Cdc.Contracts.Schema;
using Cdc.Sink.Writers.DuckDb.Types;

namespace Cdc.Sink.Writers.DuckDb.Sql;

/// <summary>The columns by which every row remembers the record that last wrote it.</summary>
internal static class RowColumns
{
    public const string Partition = "_cdc_partition";
    public const string Offset = "_cdc_offset";
    public const string CommittedAt = "_cdc_committed_at";

    public static IReadOnlyList<SqlColumn> All { get; } =
    [
        new(Partition, "INTEGER"),
        new(Offset, "BIGINT"),
        new(CommittedAt, DuckDbTypes.TimestampTz),
    ];
}

/// <summary>A column's name, unquoted, and its type as DuckDB writes it.</summary>
internal readonly record struct SqlColumn(string Name, string Type)
{
    public string Definition => $"{SqlName.Quote(Name)} {Type}";

    public static SqlColumn Of(ColumnSchema column) => new(column.Name, DuckDbTypes.Of(column.Type));
}
