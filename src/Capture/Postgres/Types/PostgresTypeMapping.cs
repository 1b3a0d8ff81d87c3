using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// Which column type a PostgreSQL type becomes: Debezium's mapping where that is exact. What is not named here travels as the server's
/// text, so no type is refused and none is rounded.
/// </summary>
public static class PostgresTypeMapping
{
    private const int MoneyDigits = 19;

    public static ColumnMapping Map(ResolvedType resolved) => resolved.Type switch
    {
        { Kind: CatalogTypeKind.Array } => MapArray(resolved),
        { Kind: CatalogTypeKind.Enum } type => Text(new ColumnType.Enum(type.Labels)),
        { Kind: CatalogTypeKind.Plain, Schema: "pg_catalog" } => MapBuiltIn(resolved),
        { Kind: CatalogTypeKind.Plain } => MapExtension(resolved),
        _ => Text(new ColumnType.Text()),
    };

    private static ColumnMapping MapBuiltIn(ResolvedType resolved)
    {
        var name = resolved.Text;
        return resolved.Type.Name switch
        {
            "bool" => new(new ColumnType.Boolean(), new BooleanTranscoder(name)),
            "int2" => new(new ColumnType.Int16(), new IntegerTranscoder(name, short.MinValue, short.MaxValue)),
            "int4" => new(new ColumnType.Int32(), new IntegerTranscoder(name, int.MinValue, int.MaxValue)),
            "int8" => new(new ColumnType.Int64(), new IntegerTranscoder(name, long.MinValue, long.MaxValue)),
            "oid" => new(new ColumnType.Int64(), new IntegerTranscoder(name, uint.MinValue, uint.MaxValue)),
            "float4" => new(new ColumnType.Float32(), new SingleTranscoder(name)),
            "float8" => new(new ColumnType.Float64(), new DoubleTranscoder(name)),
            "numeric" => MapNumeric(resolved),
            "money" => new(new ColumnType.Decimal(MoneyDigits, 2), new MoneyTranscoder(name)),
            "bytea" => new(new ColumnType.Bytes(), new BytesTranscoder(name)),
            "date" => new(new ColumnType.Date(), new DateTranscoder(name)),
            "time" => new(new ColumnType.Time(Digits(resolved)), new TimeTranscoder(name, Digits(resolved))),
            "timetz" => new(new ColumnType.ZonedTime(Digits(resolved)), new ZonedTimeTranscoder(name, Digits(resolved))),
            "timestamp" => new(new ColumnType.Timestamp(Digits(resolved)), new TimestampTranscoder(name, Digits(resolved))),
            "timestamptz" => new(new ColumnType.ZonedTimestamp(Digits(resolved)), new ZonedTimestampTranscoder(name, Digits(resolved))),
            "interval" => Text(new ColumnType.Interval()),
            "uuid" => Text(new ColumnType.Uuid()),
            "json" or "jsonb" => Text(new ColumnType.Json()),
            "xml" => Text(new ColumnType.Xml()),
            "tsvector" => Text(new ColumnType.TextSearchVector()),
            "bit" => MapBits(resolved),
            "point" => new(new ColumnType.Point(), new PointTranscoder(name)),
            _ => Text(new ColumnType.Text()),
        };
    }

    private static ColumnMapping MapExtension(ResolvedType resolved) => resolved.Type.Name switch
    {
        "hstore" => new(new ColumnType.Json(), new HstoreTranscoder(resolved.Text)),
        "ltree" => Text(new ColumnType.LabelTree()),
        _ => Text(new ColumnType.Text()),
    };

    private static ColumnMapping MapNumeric(ResolvedType resolved)
    {
        var (precision, scale) = NumericModifier(resolved.Modifier);
        return precision > 0 && scale >= 0 && scale <= precision
            ? new(new ColumnType.Decimal(precision, scale), new DecimalTranscoder(resolved.Text, scale))
            : new(new ColumnType.VariableDecimal(), new VariableDecimalTranscoder(resolved.Text));
    }

    /// <summary>
    /// Precision and scale of <c>numeric</c>, from its modifier; the scale has 11 bits with sign since PostgreSQL 15. No modifier: 0, 0.
    /// </summary>
    private static (int Precision, int Scale) NumericModifier(int modifier)
    {
        const int header = 4;
        if (modifier < header)
            return default;
        var bits = modifier - header;
        return ((bits >> 16) & 0xffff, ((bits & 0x7ff) ^ 0x400) - 0x400);
    }

    // Without a length (a column of CREATE TABLE AS) a bit string may have any: bytes would lose it.
    private static ColumnMapping MapBits(ResolvedType resolved) => resolved.Modifier switch
    {
        1 => new(new ColumnType.Boolean(), new BooleanTranscoder(resolved.Text)),
        > 1 => new(new ColumnType.Bits(resolved.Modifier), new BitsTranscoder(resolved.Text, resolved.Modifier)),
        _ => Text(new ColumnType.Text()),
    };

    // An element that is an array itself (by a domain) stays text: arrays here have one dimension.
    private static ColumnMapping MapArray(ResolvedType resolved)
    {
        var element = resolved.Element!;
        var mapping = element.Type.Kind == CatalogTypeKind.Array ? Text(new ColumnType.Text()) : Map(element);
        return new(new ColumnType.Array(mapping.Type), new ArrayTranscoder(resolved.Text, mapping.Transcoder, element.Type.Delimiter));
    }

    private static ColumnMapping Text(ColumnType type) => new(type, TextTranscoder.Instance);

    private static int Digits(ResolvedType resolved) => resolved.Modifier is >= 0 and <= 6 ? resolved.Modifier : 6;
}
