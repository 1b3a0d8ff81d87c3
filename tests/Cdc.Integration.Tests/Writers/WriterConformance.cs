using System.Runtime.CompilerServices;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Integration.Tests.Writers;

/// <summary>What every table writer owes the sink: rows, told by reading the target back.</summary>
public abstract partial class WriterConformance(WriterTarget target) : IAsyncLifetime
{
    private static readonly TableSchema Orders = Schema("orders", [0], ("id", new ColumnType.Int64(), "bigint"),
        ("name", new ColumnType.Text(), "text"), ("amount", new ColumnType.Decimal(10, 2), "numeric(10,2)"));

    private ITableWriter writer = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await target.StartAsync();
        writer = target.CreateWriter();
    }

    public async ValueTask DisposeAsync()
    {
        if (writer is not null)
            await writer.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Table_with_odd_names_is_made_and_filled()
    {
        var table = new TargetName("Odd \"schema\".x", "täble; DROP TABLE \"x\" --");
        var schema = Schema("odd", [0], ("select", new ColumnType.Int32(), "integer"), ("a\"b.c", new ColumnType.Text(), "text"),
            ("'", new ColumnType.Text(), "text"));
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(1, "x", "y").Build());
        await WriteAsync(table, new BatchBuilder(schema).Upsert(1, BatchBuilder.Unchanged, "z").Upsert(2, "p", "q").Build());
        await ExpectAsync(table, schema, ["1", "x", "z"], ["2", "p", "q"]);
    }

    [Theory]
    [MemberData(nameof(TypeCase.Names), MemberType = typeof(TypeCase))]
    public async Task Value_of_each_type_arrives(string name)
    {
        var value = TypeCase.Of(name);
        var table = Table("type " + name);
        var schema = Schema("types", [0], ("id", new ColumnType.Int32(), "integer"), ("v", value.Type, value.SourceType));
        await MakeAsync(table, schema);
        var batch = new BatchBuilder(schema).Upsert(1, value.Value).Upsert(2, null).Upsert(3, value.Value).Build();
        if (target.Printed(value) is { } printed)
        {
            await WriteAsync(table, batch);
            await ExpectAsync(table, schema, ["1", printed], ["2", null], ["3", printed]);
            await WriteAsync(table, new BatchBuilder(schema).Upsert(1, null).Upsert(2, value.Value).Upsert(3, BatchBuilder.Unchanged)
                .Build());
            await ExpectAsync(table, schema, ["1", null], ["2", printed], ["3", printed]);
        }
        else
        {
            var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(table, batch));
            Assert.Equal(ErrorCodes.TargetValueUnsupported, error.Code);
        }
    }

    [Fact]
    public async Task Upsert_inserts_and_updates_and_unchanged_column_keeps_target_value()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", "1.00").Upsert(2L, "b", "2.00").Build());
        await WriteAsync(table, new BatchBuilder(Orders)
            .Upsert(1L, BatchBuilder.Unchanged, "1.50").Upsert(2L, null, BatchBuilder.Unchanged).Upsert(3L, BatchBuilder.Unchanged, "3.00")
            .Build());
        await ExpectAsync(table, Orders, ["1", "a", "1.50"], ["2", null, "2.00"], ["3", null, "3.00"]);
    }

    [Fact]
    public async Task Rows_that_are_inserted_incomplete_are_counted()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", "1.00").Upsert(2L, "b", "2.00").Build());
        async Task<long> CountAsync(BatchBuilder rows)
        {
            await using var transaction = await writer.BeginAsync(Cancel);
            return await transaction.WriteAsync(table, rows.Build(), Cancel);
        }

        Assert.Equal(0, await CountAsync(new BatchBuilder(Orders).Upsert(1L, BatchBuilder.Unchanged, "1.50").Upsert(9L, "c", null)));
        Assert.Equal(2, await CountAsync(new BatchBuilder(Orders).Upsert(1L, BatchBuilder.Unchanged, "1.50")
            .Upsert(3L, BatchBuilder.Unchanged, "3.00").Upsert(4L, "d", BatchBuilder.Unchanged).Delete(2L)));
        Assert.Equal(0, await CountAsync(new BatchBuilder(Orders).Replace(5L, BatchBuilder.Unchanged, "1.50").Delete(1L)));
    }

    [Fact]
    public async Task Replaced_row_inherits_nothing()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", "1.00").Upsert(2L, "b", "2.00").Build());
        await WriteAsync(table, new BatchBuilder(Orders)
            .Replace(1L, BatchBuilder.Unchanged, "1.50").Replace(3L, "c", BatchBuilder.Unchanged).Upsert(2L, BatchBuilder.Unchanged, "2.50")
            .Build());
        await ExpectAsync(table, Orders, ["1", null, "1.50"], ["2", "b", "2.50"], ["3", "c", null]);
    }

    [Fact]
    public async Task Deleted_row_goes_and_an_absent_one_is_no_fault()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", "1.00").Upsert(2L, "b", "2.00").Build());
        await WriteAsync(table, new BatchBuilder(Orders).Delete(1L).Delete(9L).Upsert(3L, BatchBuilder.Unchanged, "3.00")
            .Upsert(2L, BatchBuilder.Unchanged, "5.00").Build());
        await ExpectAsync(table, Orders, ["2", "b", "5.00"], ["3", null, "3.00"]);
        await WriteAsync(table, new BatchBuilder(Orders).Delete(2L).Delete(3L).Build());
        await ExpectAsync(table, Orders);
    }

    [Fact]
    public async Task Exact_value_and_unchanged_column_and_delete_share_a_batch()
    {
        var table = Table();
        var schema = Schema("mixed", [0], ("id", new ColumnType.Int64(), "bigint"), ("n", new ColumnType.Text(), "text"),
            ("list", new ColumnType.Array(new ColumnType.Int32()), "integer[]"));
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(1L, "a", new object?[] { 1 }).Upsert(2L, "b", null).Upsert(3L, "c", null)
            .Build());
        await WriteAsync(table, new BatchBuilder(schema)
            .Upsert(1L, "x", BatchBuilder.Unchanged).Upsert(2L, BatchBuilder.Unchanged, new object?[] { 7 }).Delete(3L)
            .Upsert(4L, "d", null).Build());
        var rows = await target.QueryAsync(
            $"SELECT {Quote("id")}, {Quote("n")} FROM {Quote(table)} WHERE {Quote("list")} IS NOT NULL ORDER BY 1");
        Assert.Equal([["1", "x"], ["2", "b"]], rows);
    }

    [Fact]
    public async Task Rows_remember_the_record_that_wrote_them()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders, partition: 2, offset: 70).Upsert(1L, "a", null).Upsert(2L, "b", null).Build());
        await WriteAsync(table, new BatchBuilder(Orders, partition: 3, offset: 5).Upsert(2L, BatchBuilder.Unchanged, null).Build());
        var rows = await target.QueryAsync(
            $"SELECT {Quote("id")}, _cdc_partition, _cdc_offset, CAST(extract(epoch FROM _cdc_committed_at) * 1000000 AS bigint) " +
            $"FROM {Quote(table)} ORDER BY 1");
        Assert.Equal([["1", "2", "70", $"{BatchBuilder.CommittedAt}"], ["2", "3", "5", $"{BatchBuilder.CommittedAt}"]], rows);
    }

    [Fact]
    public async Task Key_of_several_columns_of_several_types_finds_its_row()
    {
        var table = Table();
        var schema = Schema(
            "keys", [4, 0, 2, 3], ("t", new ColumnType.Text(), "text"), ("v", new ColumnType.Int32(), "integer"),
            ("u", new ColumnType.Uuid(), "uuid"),
            ("n", new ColumnType.Decimal(20, 3), "numeric(20,3)"), ("z", new ColumnType.ZonedTimestamp(6), "timestamp with time zone"));
        object?[] Row(int key, object? v) =>
            [$"k{key % 2}", v, $"0f8fad5b-d9cb-469f-a165-70867728950{key}", $"{key}.125", $"2024-01-0{key}T00:00:00.000001Z"];
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(Row(1, 1)).Upsert(Row(2, 2)).Upsert(Row(3, 3)).Build());
        var gone = Row(2, null);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(Row(1, 10)).Delete(gone[0], gone[2], gone[3], gone[4]).Upsert(Row(4, 4))
            .Build());
        var rows = await target.QueryAsync($"SELECT v FROM {Quote(table)} ORDER BY 1");
        Assert.Equal(["3", "4", "10"], rows.Select(row => row[0]));
    }

    [Fact]
    public async Task Added_column_is_empty_until_written_and_older_schemas_still_fit()
    {
        var table = Table();
        var wide = Orders with { Columns = Orders.Columns.Add(new ColumnSchema("note", "note", new ColumnType.Text(), "text")) };
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", "1.00").Build());
        await using (var transaction = await writer.BeginAsync(Cancel))
        {
            await transaction.EvolveAsync(new EvolutionPlan(table, wide, IsMissing: false, [wide.Columns[^1]]), Cancel);
            await transaction.EvolveAsync(new EvolutionPlan(table, wide, IsMissing: false, [wide.Columns[^1]]), Cancel);
            // The rows of the older shape that a batch holds come behind the evolution too.
            await transaction.WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "A", "1.00").Build(), Cancel);
            await transaction.WriteAsync(table, new BatchBuilder(wide).Upsert(2L, "b", "2.00", "new").Build(), Cancel);
            var described = await transaction.DescribeAsync(table, Cancel);
            Assert.Contains("note", described!.Columns.Select(column => column.Name));
            Assert.Contains("_cdc_offset", described.Columns.Select(column => column.Name));
            await transaction.CommitAsync(Cancel);
        }

        await WriteAsync(table, new BatchBuilder(Orders).Upsert(2L, "c", "2.00").Build());
        await ExpectAsync(table, wide, ["1", "A", "1.00", null], ["2", "c", "2.00", "new"]);
    }

    [Fact]
    public async Task Truncate_takes_only_the_rows_that_the_partition_wrote_last()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders, partition: 0).Upsert(1L, "a", null).Upsert(2L, "b", null).Build());
        await WriteAsync(table, new BatchBuilder(Orders, partition: 1).Upsert(2L, "c", null).Upsert(3L, "d", null).Build());
        await InTransactionAsync(transaction => transaction.TruncateAsync(table, 0, Cancel));
        await ExpectAsync(table, Orders, ["2", "c", null], ["3", "d", null]);
    }

    [Fact]
    public async Task Fifty_thousand_rows_arrive_and_change()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        var first = new BatchBuilder(Orders);
        var second = new BatchBuilder(Orders);
        for (var i = 0L; i < 50_000; i++)
        {
            first.Upsert(i, $"name {i}", "1.00");
            if (i % 5 == 0)
                second.Delete(i);
            else
                second.Upsert(i, BatchBuilder.Unchanged, "2.50");
        }

        await WriteAsync(table, first.Build());
        await WriteAsync(table, second.Build());
        var rows = await target.QueryAsync($"SELECT count(*), sum({Quote("amount")}), count(distinct {Quote("name")}) FROM {Quote(table)}");
        Assert.Equal((string?[])["40000", "100000.00", "40000"], rows[0]);
    }

    [Fact]
    public async Task Two_hundred_columns_arrive()
    {
        var table = Table();
        var columns = Enumerable.Range(0, 200)
            .Select(i => ($"c{i}", (ColumnType)(i % 2 == 0 ? new ColumnType.Int64() : new ColumnType.Text()), i % 2 == 0 ? "bigint"
                : "text"));
        var schema = Schema("wide", [0], [.. columns]);
        await MakeAsync(table, schema);
        object?[] Row(long id, Func<int, object?> other) => [.. Enumerable.Range(0, 200).Select(i => i == 0 ? id : other(i))];
        await WriteAsync(table, new BatchBuilder(schema).Upsert(Row(1, i => i % 2 == 0 ? (long)i : $"t{i}")).Build());
        await WriteAsync(table, new BatchBuilder(schema).Upsert(Row(1, i => i is 198 or 3 ? null : BatchBuilder.Unchanged)).Build());
        var rows = await target.QueryAsync(
            $"SELECT {Quote("c0")}, {Quote("c3")}, {Quote("c196")}, {Quote("c198")}, {Quote("c199")} FROM {Quote(table)}");
        Assert.Equal((string?[])["1", null, "196", null, "t199"], rows[0]);
    }

    private static TableSchema Schema(string name, int[] key, params (string Name, ColumnType Type, string SourceType)[] columns) => new(
        new TableId("public", name),
        [.. columns.Select((column, i) => new ColumnSchema(column.Name, $"f{i}", column.Type, column.SourceType))],
        [.. key]);

    private static TargetName Table([CallerMemberName] string test = "") => new("conformance", test.Length <= 60 ? test : test[..60]);

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Quote(TargetName table) => $"{Quote(table.Schema)}.{Quote(table.Name)}";

    private async Task InTransactionAsync(Func<ITargetTransaction, ValueTask> action)
    {
        await using var transaction = await writer.BeginAsync(Cancel);
        await action(transaction);
        await transaction.CommitAsync(Cancel);
    }

    private Task MakeAsync(TargetName table, TableSchema schema) => InTransactionAsync(async transaction =>
    {
        await transaction.ClaimAsync("conformance", $"topic.{table.Name}", table, Cancel);
        await transaction.EvolveAsync(new EvolutionPlan(table, schema, IsMissing: true, []), Cancel);
    });

    private Task WriteAsync(TargetName table, TableBatch batch) =>
        InTransactionAsync(async transaction => await transaction.WriteAsync(table, batch, Cancel));

    /// <summary>The table's rows are these, in order of their first column.</summary>
    private async Task ExpectAsync(TargetName table, TableSchema schema, params string?[][] expected)
    {
        var columns = string.Join(", ", schema.Columns.Select(column => $"CAST({Quote(column.Name)} AS varchar)"));
        var rows = await target.QueryAsync($"SELECT {columns} FROM {Quote(table)} ORDER BY {Quote(schema.Columns[0].Name)}");
        Assert.Equal(expected, rows);
    }
}
