using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Types;
using Cdc.Sink.Writers.DuckDb.Types;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Integration.Tests.Pages;

/// <summary>The page of types. What becomes of real values in both targets is <see cref="TypeTravelTests"/>' to prove.</summary>
public sealed class TypePageTests
{
    private const string Same = "the same";

    /// <summary>The lines of the page: types that share a line have the same form everywhere.</summary>
    private static readonly ResolvedType[][] Lines =
    [
        [BuiltIn("bool", "boolean"), BuiltIn("bit", "bit(1)", 1)],
        [BuiltIn("int2", "smallint")],
        [BuiltIn("int4", "integer")],
        [BuiltIn("int8", "bigint"), BuiltIn("oid", "oid")],
        [BuiltIn("float4", "real")],
        [BuiltIn("float8", "double precision")],
        [BuiltIn("numeric", "numeric(10,2)", Numeric(10, 2))],
        [BuiltIn("numeric", "numeric(60,30)", Numeric(60, 30))],
        [BuiltIn("money", "money")],
        [BuiltIn("numeric", "numeric")],
        [BuiltIn("numeric", "numeric(3,-2)", Numeric(3, -2)), BuiltIn("numeric", "numeric(3,5)", Numeric(3, 5))],
        [BuiltIn("text", "text"), BuiltIn("varchar", "character varying(20)"), BuiltIn("bpchar", "character(5)"), BuiltIn("name", "name"),
            BuiltIn("char", "\"char\"")],
        [BuiltIn("bytea", "bytea")],
        [BuiltIn("date", "date")],
        [BuiltIn("time", "time(3) without time zone", 3)],
        [BuiltIn("time", "time without time zone")],
        [BuiltIn("timetz", "time with time zone")],
        [BuiltIn("timestamp", "timestamp(3) without time zone", 3)],
        [BuiltIn("timestamp", "timestamp without time zone")],
        [BuiltIn("timestamptz", "timestamp with time zone")],
        [BuiltIn("interval", "interval")],
        [BuiltIn("uuid", "uuid")],
        [BuiltIn("json", "json"), BuiltIn("jsonb", "jsonb")],
        [BuiltIn("xml", "xml")],
        [BuiltIn("bit", "bit(12)", 12)],
        [BuiltIn("point", "point")],
        [BuiltIn("tsvector", "tsvector")],
        [.. Plain("bit varying(12)", "inet", "cidr", "macaddr", "macaddr8", "line", "lseg", "box", "path", "polygon", "circle", "tsquery",
            "pg_lsn", "xid8", "jsonpath")],
        [.. Plain("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int4multirange")],
        [Other("an enum", CatalogTypeKind.Enum)],
        [Other("hstore", CatalogTypeKind.Plain)],
        [Other("ltree", CatalogTypeKind.Plain)],
        [Other("citext", CatalogTypeKind.Plain), Other("another extension's type", CatalogTypeKind.Plain),
            Other("a composite", CatalogTypeKind.Composite), Other("a range of your own", CatalogTypeKind.Range)],
        [Array(BuiltIn("int4", "integer"))],
        [Array(BuiltIn("numeric", "numeric(10,2)", Numeric(10, 2)))],
        [Array(Other("an enum", CatalogTypeKind.Enum))],
    ];

    /// <summary>Values that few systems carry: the type, the value, and what DuckDB makes of it.</summary>
    private static readonly (ResolvedType Type, string Value, string InDuckDb)[] Specials =
    [
        (BuiltIn("float8", "double precision"), "NaN", Same),
        (BuiltIn("numeric", "numeric(10,2)", Numeric(10, 2)), "NaN", "`CDC-5020`"),
        (BuiltIn("numeric", "numeric(60,30)", Numeric(60, 30)), "NaN", "the text"),
        (BuiltIn("numeric", "numeric"), "0.000", "the text"),
        (BuiltIn("numeric", "numeric"), "-Infinity", "the text"),
        (BuiltIn("date", "date"), "infinity", Same),
        (BuiltIn("date", "date"), "5874897-12-31", Same),
        (BuiltIn("timestamp", "timestamp without time zone"), "-infinity", Same),
        (BuiltIn("timestamp", "timestamp(3) without time zone", 3), "infinity", Same),
        (BuiltIn("timestamp", "timestamp without time zone"), "294276-12-31 23:59:59.999999", "`CDC-5020`"),
        (BuiltIn("timestamptz", "timestamp with time zone"), "infinity", Same),
        (BuiltIn("timestamptz", "timestamp with time zone"), "294276-12-31 23:59:59+00", "`CDC-5020`"),
        (BuiltIn("time", "time without time zone"), "24:00:00", Same),
        (BuiltIn("timetz", "time with time zone"), "12:34:56.789+02", "the event's text"),
        (BuiltIn("interval", "interval"), "P1Y-2DT4H5M6.5S", "the event's text"),
        (BuiltIn("bpchar", "character(5)"), "ab   ", "the same, blanks and all"),
        (Array(BuiltIn("int4", "integer")), "{1,NULL,3}", Same),
        (Array(BuiltIn("int4", "integer")), "{{1,2},{3,4}}", "`CDC-5020`"),
        (Array(BuiltIn("int4", "integer")), "[0:1]={1,2}", "`CDC-5020`"),
        (Array(BuiltIn("numeric", "numeric(10,2)", Numeric(10, 2))), "{NaN}", "`CDC-5020`"),
    ];

    [Fact]
    public void The_page_of_types_is_as_both_sides_map_them()
    {
        var page = new StringBuilder("""
            # Types

            This page says what a PostgreSQL column becomes in an event and in a table of each target. It is generated from the program.
            Tests compare the values byte by byte between read, insert, update and both old images, and in both targets, with PostgreSQL
            15 and 18 (`TypeMatrix`, `TypeTravelTests`).

            * **`connect.name`**: names begin with `io.debezium.`, except those of Kafka Connect. If it is empty, the Avro type says
              everything.
            * **the same**: the type of the source, with its modifier.

            | PostgreSQL | Avro | `connect.name` | PostgreSQL target | DuckDB target |
            |---|---|---|---|---|
            """);
        foreach (var line in Lines)
            page.Append(CultureInfo.InvariantCulture, $"| {Names(line)} | {string.Join(" | ", FormsOf(line))} |\n");
        page.Append("""

            * **Domains** become what their innermost base type becomes.
            * **Types that no line names** become a string: the server's text. For PostGIS' `geometry` this is its hexadecimal EWKB.
              No type is refused. A type that the catalog no longer has stops its table; the message names column and type
              (`CDC-2031`).
            * **Arrays** become arrays of what their element becomes. Elements may be null. An array of a domain over arrays becomes
              an array of strings.
            * **Times**: with up to three digits of a second they are milliseconds, with more they are microseconds. Strings of
              timestamps and times have exactly the declared digits. A time keeps its own offset; a timestamp is in UTC. Intervals are
              ISO-8601 as written, not microseconds of an average month.
            * **hstore** becomes a JSON object of texts and nulls in the server's order, as with Debezium's
              `hstore.handling.mode=json`. A PostgreSQL target stores it as hstore if it has the extension, in any schema that the
              sink's user may use. Columns of a key and arrays of hstore are `jsonb` even there. A column that was created before the
              extension stays `jsonb` until somebody alters it. The sink writes both kinds.
            * **Enums** list their labels in the source's order (`allowed`). A label that is added while capture streams arrives. The
              schema contains it from the table's next change of shape on, or from the next start.
            * **Every value column** is nullable with default null, so that columns can be added and removed. In the targets only keys
              are NOT NULL. The source's exact type and name travel as parameters (`__debezium.source.column.type`, `…name`).
            * **Generated columns**: stored ones arrive from PostgreSQL 18 on. For this the publication's column list must name them,
              or the table has no list and the publication has `publish_generated_columns = stored`. Servers before 18 publish none.
              No server publishes virtual ones.

            ## Unusual values

            Some values do not fit the column's schema. Such a value travels in the field `exact` of the envelope, as image, column and
            the server's text. The column itself is null. A PostgreSQL target stores every value of this table unchanged. DuckDB cannot
            hold some of them: the table then stops there with the code, and the other tables continue.

            | PostgreSQL | value | in the event | in DuckDB |
            |---|---|---|---|
            """);
        foreach (var (type, value, inDuckDb) in Specials)
            page.Append(CultureInfo.InvariantCulture, $"| `{type.Text}` | `{value}` | {InEvent(type, value)} | {inDuckDb} |\n");

        GeneratedPage.Expect("types.md", page.ToString());
    }

    private static string Names(IEnumerable<ResolvedType> line) => string.Join(", ", line.Select(type => Shown(type.Text)));

    private static string Shown(string type) => type.StartsWith("public.", StringComparison.Ordinal) ? type["public.".Length..]
        : $"`{type}`";

    private static ImmutableArray<string> FormsOf(ResolvedType[] line)
    {
        var forms = line.Select(FormOf).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(forms.Count == 1, $"{Names(line)} share a line, but not their form: {string.Join(" and ", forms)}");
        return [.. forms[0].Split('\t')];
    }

    private static string FormOf(ResolvedType type)
    {
        var column = new ColumnSchema("c", "c", PostgresTypeMapping.Map(type).Type, type.Text);
        var (avro, name) = AvroOf(ValueSchema(column));
        var target = TargetTypes.For(column).ToString();
        var inTarget = TargetTypes.IsHstore(column) ? $"hstore where the target has the extension, else `{target}`" : target == type.Text
            ? Same : $"`{target}`";
        return string.Join('\t', avro, name, inTarget, $"`{DuckDbTypes.Of(column.Type)}`");
    }

    private static AvroSchema ValueSchema(ColumnSchema column)
    {
        var block = new AvroSchema.Record(AvroName.Of("none.Source", ""), []);
        var envelope = EventSchemaMapping.ToSchemas(new TableSchema(new TableId("public", "t"), [column], []), "shop.public.t",
            block).Value;
        var value = Assert.IsType<AvroSchema.Record>(NotNull(envelope.Field(EnvelopeFields.Before)!.Type));
        return NotNull(Assert.Single(value.Fields).Type);
    }

    private static (string Avro, string Name) AvroOf(AvroSchema schema)
    {
        if (schema is AvroSchema.Array array)
        {
            var (avro, name) = AvroOf(NotNull(array.Items));
            return ($"array of {avro}", name);
        }

        var kind = schema is AvroSchema.Primitive primitive ? primitive.Kind.ToString().ToLowerInvariant() : "record";
        return (schema.LogicalType is { } logical ? $"{kind}, `{logical}`" : kind, Short(schema.ConnectName));
    }

    private static AvroSchema NotNull(AvroSchema schema) => Assert.IsType<AvroSchema.Union>(schema).Branches[1];

    private static string Short(string? name) => name is null ? "" : $"`{name.Replace("io.debezium.", "", StringComparison.Ordinal)}`";

    private static string InEvent(ResolvedType type, string value)
    {
        var (column, transcoder) = PostgresTypeMapping.Map(type);
        using var buffer = new PooledBuffer(16);
        return transcoder.TryWrite(Encoding.UTF8.GetBytes(value), new AvroWriter(buffer))
            ? $"`{AvroText.Of(column, buffer.WrittenSpan).Replace("|", ", ", StringComparison.Ordinal)}`" : "`exact`";
    }

    private static ResolvedType BuiltIn(string name, string text, int modifier = -1) =>
        new(new CatalogType(1, "pg_catalog", name, CatalogTypeKind.Plain), modifier, text);

    private static IEnumerable<ResolvedType> Plain(params string[] names) => names.Select(name => BuiltIn(name, name));

    private static ResolvedType Other(string name, CatalogTypeKind kind) =>
        new(new CatalogType(20_000, "public", name, kind), -1, $"public.{name}");

    private static ResolvedType Array(ResolvedType element) => new(
        new CatalogType(2, "pg_catalog", "_" + element.Type.Name, CatalogTypeKind.Array), element.Modifier, element.Text + "[]", element);

    private static int Numeric(int precision, int scale) => ((precision << 16) | (scale & 0x7ff)) + 4;
}
