using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Staging;

namespace Cdc.Sink.Tests.Writers.Postgres.Staging;

public sealed class TableLayoutTests
{
    private static readonly TargetName Table = new("s", "t");
    private static readonly LayoutColumn[] Metadata =
        [new("_cdc_partition", "integer", false), new("_cdc_offset", "bigint", false),
            new("_cdc_committed_at", "timestamp with time zone", false)];

    private static readonly TableSchema Schema = new(
        new TableId("a", "b"),
        [new ColumnSchema("id", "id", new ColumnType.Int32(), "integer"), new ColumnSchema("x", "x", new ColumnType.Text(), "inet")],
        [0]);

    [Fact]
    public void Column_is_staged_as_its_own_type_and_cast_to_the_target_s()
    {
        var layout = TableLayout.Plan(Table, Schema, 15,
            [new("x", "inet", false), new("other", "public.mood", false), new("id", "bigint", false), .. Metadata],
            MetadataColumns.Default);
        Assert.Equal(["integer", "text"], layout.Staged.Select(staged => staged.Type.ToString()));
        Assert.Equal(["bigint", "inet"], layout.Columns.Select(column => column.Actual.ToString()));
        Assert.True(layout.Columns[0].IsKey);
    }

    [Theory]
    [InlineData("smallint", false)]
    [InlineData("public.mood", false)]
    [InlineData("integer", true)]
    [InlineData(null, false)]
    public void Rejects_a_column_that_is_missing_computed_or_too_narrow(string? type, bool isComputed)
    {
        LayoutColumn[] columns = [new("x", "inet", false), .. Metadata];
        if (type is not null)
            columns = [.. columns, new("id", type, isComputed)];
        var error = Assert.Throws<CdcException>(() => TableLayout.Plan(Table, Schema, 15, columns, MetadataColumns.Default));
        Assert.Equal(ErrorCodes.TargetColumnUnsuitable, error.Code);
        Assert.Contains("'id'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_a_table_that_is_gone_or_has_lost_the_platform_s_columns()
    {
        Assert.Throws<CdcException>(() => TableLayout.Plan(Table, Schema, 15, [], MetadataColumns.Default));
        Assert.Throws<CdcException>(() =>
            TableLayout.Plan(Table, Schema, 15, [new("id", "integer", false), new("x", "inet", false)], MetadataColumns.Default));
    }
}
