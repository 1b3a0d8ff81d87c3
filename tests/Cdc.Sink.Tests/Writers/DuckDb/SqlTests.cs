using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;
using Cdc.Sink.Writers.DuckDb.Types;
using DuckDB.NET.Native;

namespace Cdc.Sink.Tests.Writers.DuckDb;

public sealed class SqlTests
{
    private static readonly TargetName Table = new("shop", "or\"ders");

    [Fact]
    public void Table_is_made_with_its_schema() => Assert.Equal(
        "CREATE SCHEMA IF NOT EXISTS cdc_target.\"shop\"; CREATE TABLE cdc_target.\"shop\".\"or\"\"ders\" (\"id\" BIGINT, " +
        "\"_cdc_partition\" INTEGER, "
        + "\"_cdc_offset\" BIGINT, \"_cdc_committed_at\" TIMESTAMP WITH TIME ZONE)",
        TableSql.Create(Table, [new SqlColumn("id", "BIGINT"), .. RowColumns.Of(MetadataColumns.Default)]));

    [Fact]
    public void Rows_under_the_staged_keys_are_deleted() => Assert.Equal(
        "DELETE FROM cdc_target.\"shop\".\"or\"\"ders\" AS t USING temp.main.\"_cdc_keys\" AS s WHERE t.\"a\" = s.c0 AND t.\"b\" = s.c1",
        MergeSql.DeleteByKeys(Table, ["a", "b"]));

    [Theory]
    [InlineData(null, "")]
    [InlineData(2, " OR \"_cdc_partition\" >= $3 OR \"_cdc_partition\" IS NULL OR \"_cdc_offset\" IS NULL")]
    public void What_was_not_read_again_is_deleted_by_its_offset(int? unusedFrom, string ending) => Assert.Equal(
        "DELETE FROM cdc_target.\"shop\".\"or\"\"ders\" WHERE \"_cdc_partition\" = $1 AND \"_cdc_offset\" < $2" + ending,
        TableSql.Sweep(Table, MetadataColumns.Default, unusedFrom));

    [Fact]
    public void Unknown_columns_are_taken_from_the_target() => Assert.Equal(
        "UPDATE temp.main.\"_cdc_partial\" AS s SET c1 = CASE WHEN s.u1 THEN t.\"note\" ELSE s.c1 END, c2 = t.\"old\" "
        + "FROM cdc_target.\"shop\".\"or\"\"ders\" AS t WHERE t.\"id\" = s.c0",
        MergeSql.FillPartial(Table, ["id", "note", "old"], [0], [1], foreign: 2));

    [Fact]
    public void Columns_that_differ_in_case_only_are_refused()
    {
        ColumnSchema[] columns = [new("Id", "Id", new ColumnType.Int32(), "integer"), new("id", "id_2", new ColumnType.Int32(), "integer")];
        Assert.Equal(ErrorCodes.TargetNameUnusable,
            Assert.Throws<CdcException>(() => SqlName.Check(Table, columns, MetadataColumns.Default)).Code);
    }

    [Theory]
    [InlineData(38, "DECIMAL(38,2)")]
    [InlineData(39, "VARCHAR")]
    public void Number_of_more_digits_than_duckdb_has_is_text(int precision, string expected) =>
        Assert.Equal(expected, DuckDbTypes.Of(new ColumnType.Decimal(precision, 2)));

    [Fact]
    public void Array_is_a_list_of_its_element() =>
    Assert.Equal("VARCHAR[]", DuckDbTypes.Of(new ColumnType.Array(new ColumnType.Interval())));

    [Theory]
    [InlineData(DuckDBErrorType.Conversion)]
    [InlineData(DuckDBErrorType.Constraint)]
    [InlineData(DuckDBErrorType.Fatal)]
    [InlineData((DuckDBErrorType)6)]
    public void Text_of_a_fault_that_may_quote_a_row_is_left_out(object fault) =>
        Assert.DoesNotContain("hush", DuckDbException.Safe((DuckDBErrorType)fault, "Could not convert 'hush'"), StringComparison.Ordinal);
}
