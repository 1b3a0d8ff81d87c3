using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Writers;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb;

namespace Cdc.Integration.Tests.DuckDb;

public sealed class DuckDbFileTests : IDisposable
{
    private readonly TemporaryDuckDb database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => database.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task Killed_writer_leaves_rows_and_ledger_together(int batches)
    {
        // Invariant 3
        using var child = DuckDbChild.Begin("write", database.Path);
        for (var committed = -1L; committed < batches;)
            committed = long.Parse((await child.StandardOutput.ReadLineAsync(Cancel))!, CultureInfo.InvariantCulture);
        child.Kill();
        await child.WaitForExitAsync(Cancel);

        var ledger = database.Query("SELECT next_offset FROM _cdc.ledger")[0][0];
        Assert.True(long.Parse(ledger!, CultureInfo.InvariantCulture) >= batches, "A batch that was told committed is missing.");
        Assert.Equal((string?[])["3000", "3000", ledger, ledger],
            database.Query("SELECT count(*), count(DISTINCT id), min(batch), max(batch) FROM public.counted")[0]);
    }

    [Fact]
    public async Task File_that_another_process_has_open_makes_the_sink_wait()
    {
        await using var writer = new DuckDbTableWriter(database.Options);
        using var child = DuckDbChild.Begin("hold", database.Path);
        Assert.Equal("open", await child.StandardOutput.ReadLineAsync(Cancel));

        var error = await Assert.ThrowsAsync<CdcException>(async () => await writer.BeginAsync(Cancel));
        Assert.Equal(ErrorCodes.TargetHeld, error.Code);
        Assert.Equal(ErrorResponse.Retry, ErrorPolicy.For(error.Kind));

        child.StandardInput.Close();
        await child.WaitForExitAsync(Cancel);
        await using var transaction = await writer.BeginAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    [Fact]
    public async Task Two_sinks_of_one_process_take_turns()
    {
        await using var one = new DuckDbTableWriter(database.Options);
        await using var two = new DuckDbTableWriter(database.Options);
        await using (await one.BeginAsync(Cancel))
        {
            var error = await Assert.ThrowsAsync<CdcException>(async () => await two.BeginAsync(Cancel));
            Assert.Equal(ErrorCodes.TargetHeld, error.Code);
        }

        await using var transaction = await two.BeginAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    [Fact]
    public async Task File_of_another_kind_is_refused()
    {
        await File.WriteAllTextAsync(database.Path, new string('x', 20_000), Cancel);
        await using var writer = new DuckDbTableWriter(database.Options);
        var error = await Assert.ThrowsAsync<CdcException>(async () => await writer.BeginAsync(Cancel));
        Assert.Equal(ErrorCodes.DuckDbFileUnsuitable, error.Code);
    }

    [Fact]
    public async Task Writer_that_ends_leaves_nothing_in_the_log()
    {
        await using (var writer = new DuckDbTableWriter(database.Options))
        {
            await using (var transaction = await writer.BeginAsync(Cancel))
                await transaction.CommitAsync(Cancel);
            Assert.True(File.Exists(database.WalPath));
        }

        Assert.False(File.Exists(database.WalPath));
    }

    [Fact]
    public async Task Lists_longer_than_a_chunk_keep_their_nulls()
    {
        var list = new TableSchema(
            new TableId("public", "lists"),
            [new ColumnSchema("id", "id", new ColumnType.Int32(), "integer"),
                new ColumnSchema("v", "v", new ColumnType.Array(new ColumnType.Text()), "text[]")],
            [0]);
        object?[] Values(int count) =>
            [.. Enumerable.Range(0, count).Select(i => i % 3 == 0 ? null : $"a text of more than twelve bytes {i}")];
        await WriteAsync(list, new BatchBuilder(list).Upsert(1, Values(10)).Upsert(2, Values(5000)).Upsert(3, null)
            .Upsert(4, Values(20_000)));
        Assert.Equal(
            [["1", "10", "6"], ["2", "5000", "3333"], ["3", null, null], ["4", "20000", "13333"]],
            database.Query("SELECT id, len(v), list_count(v) FROM public.lists ORDER BY 1"));
        Assert.Equal("a text of more than twelve bytes 19999", database.Query("SELECT v[20000] FROM public.lists WHERE id = 4")[0][0]);
    }

    [Fact]
    public async Task Table_whose_name_differs_in_case_only_belongs_to_the_first()
    {
        await using var writer = new DuckDbTableWriter(database.Options);
        await using var transaction = await writer.BeginAsync(Cancel);
        await transaction.ClaimAsync("sink", "first", new TargetName("public", "Orders"), Cancel);
        var error = await Assert.ThrowsAsync<CdcException>(async () =>
            await transaction.ClaimAsync("sink", "second", new TargetName("public", "orders"), Cancel));
        Assert.Equal(ErrorCodes.TargetTableTaken, error.Code);
    }

    [Fact]
    public async Task Column_of_another_type_is_refused_by_name()
    {
        var narrow = new TableSchema(new TableId("public", "t"), [new ColumnSchema("id", "id", new ColumnType.Int32(), "integer")], [0]);
        var wide = narrow with { Columns = [new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint")] };
        await WriteAsync(narrow, new BatchBuilder(narrow).Upsert(1));
        await using var writer = new DuckDbTableWriter(database.Options);
        await using var transaction = await writer.BeginAsync(Cancel);
        var batch = new BatchBuilder(wide).Upsert(2L).Build();
        var error = await Assert.ThrowsAsync<CdcException>(async () =>
            await transaction.WriteAsync(new TargetName("public", "t"), batch, Cancel));
        Assert.Equal(ErrorCodes.TargetColumnUnsuitable, error.Code);
    }

    [Fact]
    public async Task Row_value_is_in_no_message()
    {
        // Invariant 8
        var schema = new TableSchema(
            new TableId("public", "secrets"),
            [new ColumnSchema("id", "id", new ColumnType.Int32(), "integer"), new ColumnSchema("u", "u", new ColumnType.Uuid(), "uuid")],
            [0]);
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(schema, new BatchBuilder(schema).Upsert(1, "hush-hush")));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, error.Code);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }

    private async Task WriteAsync(TableSchema schema, BatchBuilder rows)
    {
        var table = new TargetName(schema.Id.Schema, schema.Id.Name);
        await using var writer = new DuckDbTableWriter(database.Options);
        await using var transaction = await writer.BeginAsync(Cancel);
        await transaction.ClaimAsync("sink", "topic", table, Cancel);
        await transaction.EvolveAsync(new EvolutionPlan(table, schema, IsMissing: true, []), Cancel);
        var batch = rows.Build();
        await transaction.WriteAsync(table, batch, Cancel);
        await transaction.CommitAsync(Cancel);
    }
}
