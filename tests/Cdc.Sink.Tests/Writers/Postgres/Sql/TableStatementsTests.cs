using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Tests.Writers.Postgres.Sql;

public sealed class TableStatementsTests
{
    private static readonly TargetName Table = new("s", "t");

    [Fact]
    public void Table_has_its_key_and_the_platform_s_columns()
    {
        var schema = new TableSchema(new TableId("a", "b"), [Column("x"), Column("id")], [1]);
        Assert.Equal(
            "CREATE TABLE IF NOT EXISTS \"s\".\"t\" (\"x\" text, \"id\" text NOT NULL, \"_cdc_partition\" integer, \"_cdc_offset\" bigint, "
            + "\"_cdc_committed_at\" timestamp with time zone, PRIMARY KEY (\"id\"))",
            TableStatements.Create(Table, schema, MetadataColumns.Default));
    }

    [Fact]
    public void Table_without_key_has_no_constraint() =>
        Assert.DoesNotContain("NULL", TableStatements.Create(Table, new TableSchema(new TableId("a", "b"), [Column("x")], []),
            MetadataColumns.Default), StringComparison.Ordinal);

    [Fact]
    public void Columns_are_added_in_one_statement() => Assert.Equal(
        "ALTER TABLE \"s\".\"t\" ADD COLUMN IF NOT EXISTS \"a\"\"b\" text, ADD COLUMN IF NOT EXISTS \"c\" text",
        TableStatements.AddColumns(Table, [Column("a\"b"), Column("c")], MetadataColumns.Default));

    [Theory]
    [InlineData(null, "")]
    [InlineData(2, " OR _cdc_partition >= $3 OR _cdc_partition IS NULL OR _cdc_offset IS NULL")]
    public void What_was_not_read_again_is_deleted_by_its_offset(int? unusedFrom, string ending) => Assert.Equal(
        "DELETE FROM \"s\".\"t\" WHERE _cdc_partition = $1 AND _cdc_offset < $2" + ending,
        TableStatements.Sweep(Table, MetadataColumns.Default, unusedFrom));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("ctid")]
    [InlineData("twice")]
    public void Rejects_a_column_whose_name_cannot_be(string name)
    {
        var error = Assert.Throws<CdcException>(() =>
            TableStatements.AddColumns(Table, [Column("twice"), Column(name)], MetadataColumns.Default));
        Assert.Equal(ErrorCodes.TargetNameUnusable, error.Code);
        Assert.DoesNotContain('\0', error.Message);
    }

    [Theory]
    [InlineData("_cdc_", "_cdc_partition")]
    [InlineData("_cdc_", "_cdc_committed_at")]
    [InlineData("a_", "a_offset")]
    public void Rejects_a_column_named_as_one_of_ours_with_the_setting_that_renames_ours(string prefix, string name)
    {
        var error = Assert.Throws<CdcException>(() => TableStatements.AddColumns(Table, [Column(name)], new MetadataColumns(prefix)));
        Assert.Equal(ErrorCodes.TargetMetadataTaken, error.Code);
        Assert.Contains("'target.metadata.prefix'", error.Code.Remedy, StringComparison.Ordinal);
        TableStatements.AddColumns(Table, [Column(name)], new MetadataColumns(prefix + "2"));
    }

    [Fact]
    public void Rejects_a_name_by_its_bytes_not_its_letters()
    {
        TableStatements.AddColumns(Table, [Column(new string('a', 63))], MetadataColumns.Default);
        var error = Assert.Throws<CdcException>(() =>
            TableStatements.AddColumns(Table, [Column(new string('é', 32))], MetadataColumns.Default));
        Assert.Equal(ErrorCodes.TargetNameTooLong, error.Code);
    }

    [Fact]
    public void Staging_has_no_name_from_outside() => Assert.Equal(
        "CREATE TEMPORARY TABLE cdc_stage_ab_3 (b integer, p integer, o bigint, at timestamp with time zone, deleted boolean, unchanged " +
        "bytea, exact text[], "
        + "c0 bigint, c1 numeric(5,1)[])",
        StagingStatements.Create(StagingStatements.Table("ab", 3), [PostgresType.Of("bigint"), PostgresType.Parse("numeric(5,1)[]")!],
            isKept: true));

    [Fact]
    public void Copy_lists_what_the_batch_has() => Assert.Equal(
        "COPY pg_temp.cdc_stage_ab_3 (b, p, o, at, deleted, unchanged, exact, c0, c1) FROM STDIN (FORMAT binary)",
        StagingStatements.Copy(StagingStatements.Table("ab", 3), 2, BatchShape.Deletes | BatchShape.Unchanged | BatchShape.Exact));

    private static ColumnSchema Column(string name) => new(name, name, new ColumnType.Text(), "text");
}
