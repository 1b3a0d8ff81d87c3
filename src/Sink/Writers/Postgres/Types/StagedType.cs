using Cdc.Contracts.Schema;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>
/// How a column's values travel: the type of the staging table's column and what writes it. Types whose binary form is a matter of the
/// server's own travel as text and are cast where the merge reads them.
/// </summary>
internal sealed record StagedType(PostgresType Type, ColumnEncoder Encoder)
{
    private const int InfiniteIntervals = 17;

    /// <param name="wanted">The type of the target's column, of <see cref="TargetTypes.For(ColumnSchema)"/>.</param>
    /// <param name="serverMajor">The server's version: older ones do not know some values.</param>
    public static StagedType For(ColumnType type, PostgresType wanted, int serverMajor, ValuePlace place)
    {
        if (type is not ColumnType.Array { Element: var element })
            return Scalar(type, wanted, serverMajor, place);
        var inner = Scalar(element, wanted with { IsArray = false }, serverMajor, place);
        return new StagedType(inner.Type with { IsArray = true }, new ArrayEncoder(inner.Encoder, inner.Type.Type.Oid));
    }

    private static StagedType Scalar(ColumnType type, PostgresType wanted, int serverMajor, ValuePlace place)
    {
        ColumnEncoder? encoder = (type, wanted.Name) switch
        {
            (ColumnType.Boolean, "boolean") => new BooleanEncoder(),
            (ColumnType.Boolean, "bit") => new SingleBitEncoder(),
            (ColumnType.Int16, _) => new Int16Encoder(place),
            (ColumnType.Int32, _) => new Int32Encoder(),
            (ColumnType.Int64, "bigint") => new Int64Encoder(),
            (ColumnType.Int64, "oid") => new OidEncoder(place),
            (ColumnType.Float32, _) => new Float32Encoder(),
            (ColumnType.Float64, _) => new Float64Encoder(),
            (ColumnType.Decimal number, "numeric") => new DecimalEncoder(number.Scale, place),
            (ColumnType.VariableDecimal, _) => new VariableDecimalEncoder(place),
            (ColumnType.Text, "bit varying") => new BitTextEncoder(place),
            (ColumnType.Text or ColumnType.Enum or ColumnType.LabelTree,
                "text" or "character varying" or "character" or "bpchar" or "name") =>
                new TextEncoder(place),
            (ColumnType.Bytes, _) => new BytesEncoder(),
            (ColumnType.Date, _) => new DateEncoder(place),
            (ColumnType.Time time, _) => new TimeEncoder(time.Digits, place),
            (ColumnType.ZonedTime time, _) => new ZonedTimeEncoder(time.Digits, place),
            (ColumnType.Timestamp time, _) => new TimestampEncoder(time.Digits, place),
            (ColumnType.ZonedTimestamp time, _) => new ZonedTimestampEncoder(time.Digits, place),
            (ColumnType.Interval, _) =>
                new IntervalEncoder(wanted.Modifiers is [var digits] ? digits : 6, serverMajor >= InfiniteIntervals, place),
            (ColumnType.Json, "jsonb") => new JsonbEncoder(place),
            (ColumnType.Json or ColumnType.Xml, _) => new TextEncoder(place),
            (ColumnType.Uuid, _) => new UuidEncoder(place),
            (ColumnType.Bits bits, _) => new BitsEncoder(bits.Length, place),
            (ColumnType.Point, _) => new PointEncoder(),
            _ => null,
        };
        if (encoder is not null)
            return new StagedType(wanted, encoder);
        return type is ColumnType.Decimal money
            ? new StagedType(PostgresType.Of("numeric"), new DecimalEncoder(money.Scale, place))
            : new StagedType(PostgresType.Of("text"), new TextEncoder(place));
    }
}
