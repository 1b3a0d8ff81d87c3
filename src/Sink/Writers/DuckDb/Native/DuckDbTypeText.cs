using System.Globalization;
using System.Runtime.InteropServices;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>A type as DuckDB's catalog writes it.</summary>
internal static class DuckDbTypeText
{
    public static string Of(LogicalTypeHandle type)
    {
        if (Alias(type) is { } alias)
            return alias;
        return NativeMethods.TypeId(type) switch
        {
            DuckDbTypeId.Boolean => "BOOLEAN",
            DuckDbTypeId.SmallInt => "SMALLINT",
            DuckDbTypeId.Integer => "INTEGER",
            DuckDbTypeId.BigInt => "BIGINT",
            DuckDbTypeId.Float => "FLOAT",
            DuckDbTypeId.Double => "DOUBLE",
            DuckDbTypeId.Timestamp => "TIMESTAMP",
            DuckDbTypeId.Date => "DATE",
            DuckDbTypeId.Time => "TIME",
            DuckDbTypeId.Varchar => "VARCHAR",
            DuckDbTypeId.Blob => "BLOB",
            DuckDbTypeId.Decimal => string.Create(
                CultureInfo.InvariantCulture, $"DECIMAL({NativeMethods.DecimalWidth(type)},{NativeMethods.DecimalScale(type)})"),
            DuckDbTypeId.List => ListOf(type),
            DuckDbTypeId.Uuid => "UUID",
            DuckDbTypeId.TimestampTz => "TIMESTAMP WITH TIME ZONE",
            var other => string.Create(CultureInfo.InvariantCulture, $"type {(int)other}"),
        };
    }

    private static string ListOf(LogicalTypeHandle list)
    {
        using var element = NativeMethods.ListElement(list);
        return $"{Of(element)}[]";
    }

    private static string? Alias(LogicalTypeHandle type)
    {
        var text = NativeMethods.TypeAlias(type);
        if (text == 0)
            return null;
        var alias = Marshal.PtrToStringUTF8(text);
        NativeMethods.Free(text);
        return alias;
    }
}
