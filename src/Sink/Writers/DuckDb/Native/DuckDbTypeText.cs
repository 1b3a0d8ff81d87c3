using System.Globalization;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>A type as DuckDB's catalog writes it.</summary>
internal static class DuckDbTypeText
{
    public static string Of(DuckDBLogicalType type)
    {
        if (UndeclaredMethods.TypeAlias(type) is { } alias)
            return alias;
        return NativeMethods.LogicalType.DuckDBGetTypeId(type) switch
        {
            DuckDBType.Boolean => "BOOLEAN",
            DuckDBType.SmallInt => "SMALLINT",
            DuckDBType.Integer => "INTEGER",
            DuckDBType.BigInt => "BIGINT",
            DuckDBType.Float => "FLOAT",
            DuckDBType.Double => "DOUBLE",
            DuckDBType.Timestamp => "TIMESTAMP",
            DuckDBType.Date => "DATE",
            DuckDBType.Time => "TIME",
            DuckDBType.Varchar => "VARCHAR",
            DuckDBType.Blob => "BLOB",
            DuckDBType.Decimal => DecimalOf(type),
            DuckDBType.List => ListOf(type),
            DuckDBType.Uuid => "UUID",
            DuckDBType.TimestampTz => "TIMESTAMP WITH TIME ZONE",
            var other => string.Create(CultureInfo.InvariantCulture, $"type {(int)other}"),
        };
    }

    private static string DecimalOf(DuckDBLogicalType type) => string.Create(
        CultureInfo.InvariantCulture,
        $"DECIMAL({NativeMethods.LogicalType.DuckDBDecimalWidth(type)},{NativeMethods.LogicalType.DuckDBDecimalScale(type)})");

    private static string ListOf(DuckDBLogicalType list)
    {
        using var element = NativeMethods.LogicalType.DuckDBListTypeChildType(list);
        return $"{Of(element)}[]";
    }
}
