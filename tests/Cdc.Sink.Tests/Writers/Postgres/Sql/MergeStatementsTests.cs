using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Tests.Writers.Postgres.Sql;

public sealed class MergeStatementsTests
{
    private static readonly PostgresType Bigint = PostgresType.Of("bigint");
    private static readonly PostgresType Text = PostgresType.Of("text");
    private static readonly PostgresType Inet = PostgresType.Of("inet");

    private static readonly MergedColumn Id = new("id", Bigint, Bigint, Bigint, IsKey: true);
    private static readonly MergedColumn Name = new("na\"me", Text, Text, Text, IsKey: false);
    private static readonly MergedColumn Address = new("address", Text, Inet, Inet, IsKey: false);

    [Fact]
    public void Merge_updates_or_inserts()
    {
        Assert.Equal(
            "MERGE INTO \"shop\".\"t\" AS t USING (SELECT * FROM pg_temp.cdc_stage_1 WHERE b = $1) AS s ON t.\"id\" = s.c0 "
            + "WHEN MATCHED THEN UPDATE SET \"na\"\"me\" = s.c1, _cdc_partition = s.p, _cdc_offset = s.o, _cdc_committed_at = s.at "
            + "WHEN NOT MATCHED THEN INSERT (\"id\", \"na\"\"me\", _cdc_partition, _cdc_offset, _cdc_committed_at) VALUES (s.c0, s.c1, " +
                "s.p, s.o, s.at)",
            Statements(Id, Name).Merge(BatchShape.Plain));
    }

    [Fact]
    public void Unchanged_column_keeps_the_row_s_value_only_where_the_row_exists()
    {
        var text = Statements(Id, Name).Merge(BatchShape.Unchanged);
        Assert.Contains("SET \"na\"\"me\" = CASE WHEN get_bit(s.unchanged, 1) = 1 THEN t.\"na\"\"me\" ELSE s.c1 END,", text,
            StringComparison.Ordinal);
        Assert.Contains("VALUES (s.c0, s.c1, s.p, s.o, s.at)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Removals_are_left_out_of_the_merge_and_go_first()
    {
        Assert.Contains("USING (SELECT * FROM pg_temp.cdc_stage_1 WHERE b = $1 AND deleted IS NULL) AS s",
            Statements(Id, Name).Merge(BatchShape.Deletes), StringComparison.Ordinal);
        Assert.Equal("DELETE FROM \"shop\".\"t\" AS t USING pg_temp.cdc_stage_1 AS s WHERE s.b = $1 AND s.deleted AND t.\"id\" = s.c0",
            Statements(Id, Name).Delete());
    }

    [Fact]
    public void Text_of_another_type_is_cast_also_in_a_key()
    {
        var text = Statements(Address with { IsKey = true }, Name).Merge(BatchShape.Plain);
        Assert.Contains("ON t.\"address\" = s.c0::inet", text, StringComparison.Ordinal);
        Assert.Contains("VALUES (s.c0::inet, s.c1,", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Wider_target_column_gets_the_value_by_way_of_its_own_type()
    {
        var column = Address with { Actual = Text };
        Assert.Contains("\"address\" = s.c1::inet::text,", Statements(Id, column).Merge(BatchShape.Plain), StringComparison.Ordinal);
    }

    [Fact]
    public void Exact_text_replaces_the_value_where_there_is_one()
    {
        var number = new MergedColumn("n", PostgresType.Of("numeric", 10, 2), PostgresType.Of("numeric", 10, 2), PostgresType.Of("numeric"),
            IsKey: false);
        var text = Statements(Id, number).Merge(BatchShape.Exact);
        Assert.Contains(
            "\"n\" = CASE WHEN s.exact[2] IS NULL THEN s.c1::numeric ELSE s.exact[2]::numeric(10,2)::numeric END,", text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("exact[1]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Guard_reads_every_column_and_no_row() => Assert.Equal(
        "SELECT \"id\", \"na\"\"me\", _cdc_partition, _cdc_offset, _cdc_committed_at FROM \"shop\".\"t\" WHERE false",
        Statements(Id, Name).Guard());

    [Fact]
    public void Table_without_key_takes_rows_only()
    {
        Assert.Equal(
            "INSERT INTO \"shop\".\"t\" (\"na\"\"me\", _cdc_partition, _cdc_offset, _cdc_committed_at) SELECT s.c0, s.p, s.o, s.at " +
            "FROM (SELECT * FROM pg_temp.cdc_stage_1 WHERE b = $1) AS s",
            Statements(Name).Merge(BatchShape.Plain));
    }

    [Fact]
    public void Server_without_merge_updates_and_then_inserts_what_is_missing()
    {
        var statements = Statements(Id, Name).UpdateAndInsert(BatchShape.Plain);
        Assert.Equal(
            [
                "UPDATE \"shop\".\"t\" AS t SET \"na\"\"me\" = s.c1, _cdc_partition = s.p, _cdc_offset = s.o, _cdc_committed_at = s.at "
                + "FROM (SELECT * FROM pg_temp.cdc_stage_1 WHERE b = $1) AS s WHERE t.\"id\" = s.c0",
                "INSERT INTO \"shop\".\"t\" (\"id\", \"na\"\"me\", _cdc_partition, _cdc_offset, _cdc_committed_at) "
                + "SELECT s.c0, s.c1, s.p, s.o, s.at FROM (SELECT * FROM pg_temp.cdc_stage_1 " +
                    "WHERE b = $1) AS s ON CONFLICT (\"id\") DO NOTHING",
            ],
            statements);
    }

    private static MergeStatements Statements(
        params MergedColumn[] columns) => new(new TargetName("shop", "t"), "pg_temp.cdc_stage_1", [.. columns], MetadataColumns.Default);
}
