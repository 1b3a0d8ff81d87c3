using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Tests.Writers.Postgres.Types;

public sealed class TargetTypesTests
{
    public static TheoryData<ColumnType, string, string> Types => new()
    {
        // The source's own.
        { new ColumnType.Text(), "character varying(20)", "character varying(20)" },
        { new ColumnType.Text(), "varchar(20)", "character varying(20)" },
        { new ColumnType.Text(), "character(3)", "character(3)" },
        { new ColumnType.Text(), "inet", "inet" },
        { new ColumnType.Decimal(10, 2), "numeric(10,2)", "numeric(10,2)" },
        { new ColumnType.Decimal(19, 2), "money", "money" },
        { new ColumnType.VariableDecimal(), "numeric", "numeric" },
        { new ColumnType.VariableDecimal(), "numeric(3,5)", "numeric" },
        { new ColumnType.Timestamp(3), "timestamp(3) without time zone", "timestamp(3) without time zone" },
        { new ColumnType.ZonedTimestamp(6), "timestamptz", "timestamp with time zone" },
        { new ColumnType.Time(0), "time(0) without time zone", "time(0) without time zone" },
        { new ColumnType.Interval(), "interval(3)", "interval(3)" },
        { new ColumnType.Json(), "json", "json" },
        { new ColumnType.Boolean(), "bit(1)", "bit(1)" },
        { new ColumnType.Int64(), "oid", "oid" },
        { new ColumnType.Bits(7), "bit(7)", "bit(7)" },
        { new ColumnType.Array(new ColumnType.Text()), "character varying(5)[]", "character varying(5)[]" },

        // Another database's of the same name, or with other modifiers.
        { new ColumnType.ZonedTimestamp(0), "timestamp", "timestamp(0) with time zone" },
        { new ColumnType.Int32(), "int(11) unsigned", "integer" },
        { new ColumnType.Decimal(10, 2), "numeric(12,3)", "numeric(10,2)" },
        { new ColumnType.Decimal(2000, 0), "numeric(2000,0)", "numeric" },
        { new ColumnType.Interval(), "interval day to second(3)", "interval" },
        { new ColumnType.Float64(), "double", "double precision" },
        { new ColumnType.Int16(), "tinyint(1)", "smallint" },

        // What is not built in, or not meant well.
        { new ColumnType.Text(), "text; DROP TABLE x", "text" },
        { new ColumnType.Text(), "text) --", "text" },
        { new ColumnType.Text(), "character varying(20, (SELECT 1))", "text" },
        { new ColumnType.Text(), "character varying(99999999)", "text" },
        { new ColumnType.Text(), "public.citext", "text" },
        { new ColumnType.Text(), "", "text" },
        { new ColumnType.Text(), "integer", "text" },
        { new ColumnType.Enum(["a"]), "public.mood", "text" },
        { new ColumnType.LabelTree(), "public.ltree", "text" },
        { new ColumnType.Json(), "public.hstore", "jsonb" },
        { new ColumnType.Array(new ColumnType.Enum(["a"])), "public.mood[]", "text[]" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Column_gets_a_type_that_holds_its_values(ColumnType type, string sourceType, string expected) =>
        Assert.Equal(expected, TargetTypes.For(new ColumnSchema("c", "c", type, sourceType)).ToString());

    [Fact]
    public void Rejects_an_array_of_arrays()
    {
        var type = new ColumnType.Array(new ColumnType.Array(new ColumnType.Int32()));
        var error = Assert.Throws<CdcException>(() => TargetTypes.For(new ColumnSchema("c", "c", type, "x")));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, error.Code);
    }

    [Fact]
    public void Every_built_in_type_is_read_back_from_its_text() => Assert.All(
        BuiltInTypes.ByName.Values, type => Assert.Same(type, PostgresType.Parse(type.Name)!.Type));

    [Theory]
    [InlineData("numeric", "numeric(10,2)", true)]
    [InlineData("numeric(12,4)", "numeric(10,2)", true)]
    [InlineData("numeric(12,2)", "numeric(12,4)", false)]
    [InlineData("numeric(12,4)", "numeric(10,0)", false)]
    [InlineData("numeric(10,2)", "numeric", false)]
    [InlineData("numeric(10,0)", "integer", true)]
    [InlineData("numeric(9,0)", "integer", false)]
    [InlineData("bigint", "integer", true)]
    [InlineData("integer", "bigint", false)]
    [InlineData("double precision", "real", true)]
    [InlineData("double precision", "bigint", false)]
    [InlineData("text", "character varying(5)", true)]
    [InlineData("character varying(20)", "character varying(5)", true)]
    [InlineData("character varying(4)", "character varying(5)", false)]
    [InlineData("character(6)", "character(5)", false)]
    [InlineData("timestamp without time zone", "timestamp(3) without time zone", true)]
    [InlineData("timestamp(3) without time zone", "timestamp without time zone", false)]
    [InlineData("timestamp with time zone", "timestamp without time zone", false)]
    [InlineData("text[]", "character varying(5)[]", true)]
    [InlineData("text", "text[]", false)]
    public void Wider_column_holds_and_narrower_does_not(string actual, string wanted, bool holds) =>
        Assert.Equal(holds, TypeWidening.Holds(PostgresType.Parse(actual)!, PostgresType.Parse(wanted)!));
}
