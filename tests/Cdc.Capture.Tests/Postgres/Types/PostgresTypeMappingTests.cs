using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Postgres.Types;

public sealed class PostgresTypeMappingTests
{
    public static TheoryData<string, int, ColumnType> BuiltInTypes => new()
    {
        { "bool", -1, new ColumnType.Boolean() },
        { "int2", -1, new ColumnType.Int16() },
        { "int4", -1, new ColumnType.Int32() },
        { "int8", -1, new ColumnType.Int64() },
        { "oid", -1, new ColumnType.Int64() },
        { "float4", -1, new ColumnType.Float32() },
        { "float8", -1, new ColumnType.Float64() },
        { "numeric", SourceTypes.Numeric(10, 2), new ColumnType.Decimal(10, 2) },
        { "numeric", SourceTypes.Numeric(1000, 1000), new ColumnType.Decimal(1000, 1000) },
        { "numeric", SourceTypes.Numeric(5, 0), new ColumnType.Decimal(5, 0) },
        { "numeric", SourceTypes.Numeric(3, -2), new ColumnType.VariableDecimal() },
        { "numeric", SourceTypes.Numeric(3, 5), new ColumnType.VariableDecimal() },
        { "numeric", -1, new ColumnType.VariableDecimal() },
        { "money", -1, new ColumnType.Decimal(19, 2) },
        { "bytea", -1, new ColumnType.Bytes() },
        { "date", -1, new ColumnType.Date() },
        { "time", -1, new ColumnType.Time(6) },
        { "time", 0, new ColumnType.Time(0) },
        { "timetz", 2, new ColumnType.ZonedTime(2) },
        { "timestamp", 3, new ColumnType.Timestamp(3) },
        { "timestamp", -1, new ColumnType.Timestamp(6) },
        { "timestamptz", 4, new ColumnType.ZonedTimestamp(4) },
        { "interval", -1, new ColumnType.Interval() },
        { "uuid", -1, new ColumnType.Uuid() },
        { "json", -1, new ColumnType.Json() },
        { "jsonb", -1, new ColumnType.Json() },
        { "xml", -1, new ColumnType.Xml() },
        { "tsvector", -1, new ColumnType.TextSearchVector() },
        { "bit", 1, new ColumnType.Boolean() },
        { "bit", 9, new ColumnType.Bits(9) },
        { "bit", -1, new ColumnType.Text() },
        { "varbit", 9, new ColumnType.Text() },
        { "point", -1, new ColumnType.Point() },
        { "text", -1, new ColumnType.Text() },
        { "varchar", 24, new ColumnType.Text() },
        { "bpchar", 14, new ColumnType.Text() },
        { "char", -1, new ColumnType.Text() },
        { "name", -1, new ColumnType.Text() },
        { "inet", -1, new ColumnType.Text() },
        { "cidr", -1, new ColumnType.Text() },
        { "macaddr", -1, new ColumnType.Text() },
        { "macaddr8", -1, new ColumnType.Text() },
        { "box", -1, new ColumnType.Text() },
        { "line", -1, new ColumnType.Text() },
        { "lseg", -1, new ColumnType.Text() },
        { "path", -1, new ColumnType.Text() },
        { "polygon", -1, new ColumnType.Text() },
        { "circle", -1, new ColumnType.Text() },
        { "tsquery", -1, new ColumnType.Text() },
        { "pg_lsn", -1, new ColumnType.Text() },
        { "xid8", -1, new ColumnType.Text() },
        { "int2vector", -1, new ColumnType.Text() },
        { "a type of a later version", -1, new ColumnType.Text() },
    };

    [Theory]
    [MemberData(nameof(BuiltInTypes))]
    public void Built_in_type_becomes(string name, int modifier, ColumnType expected) =>
        Assert.Equal(expected, PostgresTypeMapping.Map(SourceTypes.BuiltIn(name, modifier)).Type);

    [Theory]
    [MemberData(nameof(BuiltInTypes))]
    public void Array_of_built_in_type_has_the_elements_type(string name, int modifier, ColumnType expected) =>
        Assert.Equal(new ColumnType.Array(expected),
            PostgresTypeMapping.Map(SourceTypes.ArrayOf(SourceTypes.BuiltIn(name, modifier))).Type);

    [Theory]
    [InlineData("hstore", typeof(ColumnType.Json))]
    [InlineData("ltree", typeof(ColumnType.LabelTree))]
    [InlineData("citext", typeof(ColumnType.Text))]
    [InlineData("lquery", typeof(ColumnType.Text))]
    [InlineData("numeric", typeof(ColumnType.Text))]
    public void Extension_type_is_known_by_its_name(string name, Type expected) =>
        Assert.IsType(expected, PostgresTypeMapping.Map(SourceTypes.Other(name)).Type);

    [Theory]
    [InlineData(CatalogTypeKind.Composite)]
    [InlineData(CatalogTypeKind.Range)]
    [InlineData(CatalogTypeKind.Multirange)]
    public void Type_made_of_others_is_text(CatalogTypeKind kind)
    {
        Assert.Equal(new ColumnType.Text(), PostgresTypeMapping.Map(SourceTypes.Other("hstore", kind)).Type);
        Assert.Equal(new ColumnType.Array(new ColumnType.Text()),
            PostgresTypeMapping.Map(SourceTypes.ArrayOf(SourceTypes.Other("t", kind))).Type);
    }

    [Fact]
    public void Enum_keeps_its_labels_in_order()
    {
        var type = new CatalogType(20_000, "public", "mood", CatalogTypeKind.Enum) { Labels = ["sad", "ok", "happy"] };
        Assert.Equal(new ColumnType.Enum(["sad", "ok", "happy"]), PostgresTypeMapping.Map(new ResolvedType(type, -1, "public.mood")).Type);
    }

    [Fact]
    public void Array_in_an_array_is_text()
    {
        var inner = SourceTypes.ArrayOf(SourceTypes.BuiltIn("int4"));
        Assert.Equal(new ColumnType.Array(new ColumnType.Text()), PostgresTypeMapping.Map(SourceTypes.ArrayOf(inner)).Type);
    }
}
