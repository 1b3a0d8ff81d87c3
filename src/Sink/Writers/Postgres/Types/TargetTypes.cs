using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>
/// Which type a column gets: the source's own where that is built-in and holds just what the column's values are, else the one that its
/// <see cref="ColumnType"/> asks for. The source's text alone decides nothing: <c>timestamp</c> in MySQL is not PostgreSQL's.
/// </summary>
internal static class TargetTypes
{
    private static readonly string[] TextLike =
    [
        "text", "character varying", "character", "bpchar", "name", "\"char\"", "bit varying", "tsquery", "inet", "cidr", "macaddr",
        "macaddr8",
        "line", "lseg", "box", "path", "polygon", "circle", "pg_lsn", "xid", "xid8", "jsonpath", "int4range", "int8range", "numrange",
        "tsrange",
        "tstzrange", "daterange", "int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange",
    ];

    public static PostgresType For(ColumnSchema column)
    {
        var source = PostgresType.Parse(column.SourceType);
        if (column.Type is not ColumnType.Array { Element: var element })
            return source is { IsArray: false } && Holds(source, column.Type) ? source : Derived(column.Type, column);
        return source is { IsArray: true } && Holds(source with { IsArray = false }, element)
            ? source
            : Derived(element, column) with { IsArray = true };
    }

    /// <summary>
    /// The same for a target that has the extension <c>hstore</c>: its columns get that type again. Those of a key do not, for nothing
    /// compares hstore without the extension's schema in the path; nor do arrays.
    /// </summary>
    /// <param name="column">The column.</param>
    /// <param name="isKey">Whether it is of the key.</param>
    /// <param name="hstore">The extension's type there; null where there is none.</param>
    public static PostgresType For(ColumnSchema column, bool isKey, PostgresType? hstore) =>
        hstore is not null && !isKey && IsHstore(column) ? hstore : For(column);

    /// <summary>Whether the source's type is that of the extension, in whatever schema.</summary>
    public static bool IsHstore(ColumnSchema column) =>
        column is { Type: ColumnType.Json, SourceType: var source }
            && (source is "hstore" || source.EndsWith(".hstore", StringComparison.Ordinal));

    private static bool Holds(PostgresType source, ColumnType type) => (type, source.Name, source.Modifiers) switch
    {
        (ColumnType.Boolean, "bit", [] or [1]) => true,
        (ColumnType.Int64, "oid", _) => true,
        (ColumnType.Decimal { Scale: 2 }, "money", _) => true,
        (ColumnType.Text, var name, _) => TextLike.Contains(name, StringComparer.Ordinal),
        (ColumnType.Json, "json" or "jsonb", _) => true,
        (ColumnType.Interval, "interval", _) => true,
        (ColumnType.Bits(1), "bit", []) => true,
        _ => source.Equals(DerivedScalar(type)),
    };

    private static PostgresType Derived(ColumnType type, ColumnSchema column) =>
        DerivedScalar(type) ?? throw new CdcException(
            ErrorCodes.TargetValueUnsupported,
            $"Column '{column.Name}' of type '{column.SourceType}' has elements of '{type}', which a column of PostgreSQL cannot hold.");

    private static PostgresType? DerivedScalar(ColumnType type) => type switch
    {
        ColumnType.Boolean => PostgresType.Of("boolean"),
        ColumnType.Int16 => PostgresType.Of("smallint"),
        ColumnType.Int32 => PostgresType.Of("integer"),
        ColumnType.Int64 => PostgresType.Of("bigint"),
        ColumnType.Float32 => PostgresType.Of("real"),
        ColumnType.Float64 => PostgresType.Of("double precision"),
        ColumnType.Decimal { Precision: <= 1000 } number => PostgresType.Of("numeric", number.Precision, number.Scale),
        ColumnType.Decimal or ColumnType.VariableDecimal => PostgresType.Of("numeric"),
        ColumnType.Text or ColumnType.Enum or ColumnType.LabelTree => PostgresType.Of("text"),
        ColumnType.Bytes => PostgresType.Of("bytea"),
        ColumnType.Date => PostgresType.Of("date"),
        ColumnType.Time time => WithDigits("time without time zone", time.Digits),
        ColumnType.ZonedTime time => WithDigits("time with time zone", time.Digits),
        ColumnType.Timestamp time => WithDigits("timestamp without time zone", time.Digits),
        ColumnType.ZonedTimestamp time => WithDigits("timestamp with time zone", time.Digits),
        ColumnType.Interval => PostgresType.Of("interval"),
        ColumnType.Json => PostgresType.Of("jsonb"),
        ColumnType.Xml => PostgresType.Of("xml"),
        ColumnType.Uuid => PostgresType.Of("uuid"),
        ColumnType.TextSearchVector => PostgresType.Of("tsvector"),
        ColumnType.Bits bits => PostgresType.Of("bit", bits.Length),
        ColumnType.Point => PostgresType.Of("point"),
        ColumnType.Array => null,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a column type."),
    };

    private static PostgresType WithDigits(string name, int digits) => digits < 6 ? PostgresType.Of(name, digits) : PostgresType.Of(name);
}
