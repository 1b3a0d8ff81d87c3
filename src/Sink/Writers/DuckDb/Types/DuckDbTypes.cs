using System.Globalization;
using Cdc.Contracts.Schema;

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>
/// The DuckDB type that holds all values of a column, as DuckDB's catalog writes it. What no type of DuckDB holds exactly is VARCHAR with
/// the canonical text: numbers without fixed scale or of more than 38 digits, times with an offset, intervals, bit strings.
/// </summary>
internal static class DuckDbTypes
{
    public const int MaxDecimalDigits = 38;

    public const string TimestampTz = "TIMESTAMP WITH TIME ZONE";

    public static string Of(ColumnType type) => type switch
    {
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Int16 => "SMALLINT",
        ColumnType.Int32 => "INTEGER",
        ColumnType.Int64 => "BIGINT",
        ColumnType.Float32 => "FLOAT",
        ColumnType.Float64 => "DOUBLE",
        ColumnType.Decimal { Precision: <= MaxDecimalDigits } number =>
            string.Create(CultureInfo.InvariantCulture, $"DECIMAL({number.Precision},{number.Scale})"),
        ColumnType.Bytes => "BLOB",
        ColumnType.Date => "DATE",
        ColumnType.Time => "TIME",
        ColumnType.Timestamp => "TIMESTAMP",
        ColumnType.ZonedTimestamp => TimestampTz,
        ColumnType.Json => "JSON",
        ColumnType.Uuid => "UUID",
        ColumnType.Array array => $"{Of(array.Element)}[]",
        ColumnType.Decimal or ColumnType.VariableDecimal or ColumnType.Text or ColumnType.ZonedTime or ColumnType.Interval or ColumnType.Xml
            or ColumnType.LabelTree or ColumnType.TextSearchVector or ColumnType.Enum or ColumnType.Bits or ColumnType.Point => "VARCHAR",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a column type."),
    };
}
