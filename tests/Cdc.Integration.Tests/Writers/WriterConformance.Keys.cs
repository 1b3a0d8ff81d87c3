using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Sink.Consuming;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Integration.Tests.Writers;

/// <summary>
/// What every table writer owes a table whose key becomes another one: rows under the new key, and those of before until the sweep.
/// </summary>
public abstract partial class WriterConformance
{
    private static readonly TableSchema ByOrganisation = Schema(
        "orders", [3, 0], ("id", new ColumnType.Int64(), "bigint"), ("name", new ColumnType.Text(), "text"),
        ("amount", new ColumnType.Decimal(10, 2), "numeric(10,2)"),
        ("org", new ColumnType.Int32(), "integer"));

    [Fact]
    public async Task Key_of_more_columns_lets_rows_in_that_the_earlier_key_forbids()
    {
        var table = await FilledAsync(Orders, new BatchBuilder(Orders, offset: 1).Upsert(1L, "a", null).Upsert(2L, "b", null));

        await FitAsync(table, ByOrganisation);
        await WriteAsync(table, new BatchBuilder(ByOrganisation, offset: 5).Upsert(1L, "a1", null, 7).Upsert(1L, "a2", null, 8)
            .Upsert(2L, "b", null, 7).Build());
        await WriteAsync(table, new BatchBuilder(ByOrganisation, offset: 9).Delete(2L, 7).Upsert(1L, "a3", null, 8).Build());
        await InTransactionAsync(transaction => transaction.SweepAsync(table, 0, before: 5, unusedFrom: null, Cancel));

        await ExpectAsync(table, ByOrganisation with { Columns = [ByOrganisation.Columns[3], .. ByOrganisation.Columns[..3]] },
            ["7", "1", "a1", null], ["8", "1", "a3", null]);
    }

    [Fact]
    public async Task Key_of_fewer_columns_finds_its_rows()
    {
        var table = await FilledAsync(ByOrganisation,
            new BatchBuilder(ByOrganisation, offset: 1).Upsert(1L, "a", null, 7).Upsert(2L, "b", null, 7));
        var schema = ByOrganisation with { Key = [0] };

        await FitAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema, offset: 5).Upsert(1L, "c", null, null).Delete(2L).Build());

        await ExpectAsync(table, schema, ["1", "c", null, null]);
    }

    [Fact]
    public async Task Key_that_is_another_column_takes_rows_beside_those_of_before()
    {
        var named = Orders with { Key = [1] };
        var table = await FilledAsync(named, new BatchBuilder(named, offset: 1).Upsert(1L, "a", null).Upsert(2L, "b", null));
        var schema = Schema("orders", [1], ("amount", new ColumnType.Decimal(10, 2), "numeric(10,2)"),
            ("number", new ColumnType.Int64(), "bigint"));

        await FitAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema, offset: 5).Upsert("1.00", 1L).Upsert("2.00", 2L).Build());
        await WriteAsync(table, new BatchBuilder(schema, offset: 8).Upsert("3.00", 1L).Build());
        await InTransactionAsync(transaction => transaction.SweepAsync(table, 0, before: 5, unusedFrom: null, Cancel));

        await ExpectAsync(table, schema, ["2.00", "2"], ["3.00", "1"]);
    }

    [Fact]
    public async Task Key_goes_and_comes_back()
    {
        var table = await FilledAsync(Orders, new BatchBuilder(Orders).Upsert(1L, "a", null).Upsert(2L, "b", null));
        var bag = Orders with { Key = [] };

        await FitAsync(table, bag);
        await WriteAsync(table, new BatchBuilder(bag).Upsert(1L, "a", null).Upsert(1L, "c", null).Build());
        await ExpectAsync(table, bag with { Columns = [.. bag.Columns[1..]] }, ["a", null], ["a", null], ["b", null], ["c", null]);
        await WriteAsync(table, new BatchBuilder(bag).Remove(1L, "a", null).Remove(1L, "c", null).Build());
        await FitAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "d", null).Build());

        await ExpectAsync(table, Orders, ["1", "d", null], ["2", "b", null]);
    }

    /// <summary>A key without one of its columns finds several rows: none of them is lost.</summary>
    [Fact]
    public async Task Half_of_a_key_merges_nothing()
    {
        var table = await FilledAsync(ByOrganisation,
            new BatchBuilder(ByOrganisation, offset: 1).Upsert(1L, "a", null, 7).Upsert(1L, "b", null, 8).Upsert(2L, "c", null, 7));
        var half = Orders with { Key = [0] };

        var error = await Assert.ThrowsAsync<CdcException>(async () =>
        {
            await FitAsync(table, half);
            await WriteAsync(table, new BatchBuilder(half, offset: 5).Upsert(1L, "d", null).Build());
        });

        Assert.Equal(ErrorCodes.TargetColumnUnsuitable, error.Code);
        await ExpectAsync(table, ByOrganisation,
            ["1", "a", null, "7"], ["1", "b", null, "8"], ["2", "c", null, "7"]);
    }

    [Fact]
    public async Task Records_that_lack_a_column_of_the_key_stop_their_table_until_all_its_rows_come_again()
    {
        var ledger = new Dictionary<TopicPartition, LedgerEntry>();
        var half = Orders with { Key = [0] };
        var table = new SinkTable("shop.public.orders", Orders.Id, Table());
        var fitting = new TableFitting("sink", writer);
        await fitting.FitApartAsync(table, ByOrganisation, ledger, Cancel);
        fitting.Confirm(table);

        var error = await Assert.ThrowsAsync<CdcException>(() => fitting.FitApartAsync(table, half, ledger, Cancel));
        Assert.Equal(ErrorCodes.TargetColumnUnsuitable, error.Code);
        Assert.Contains("'org'", error.Message, StringComparison.Ordinal);
        Assert.False(table.Fits(half));

        table.Forget();
        await fitting.FitApartAsync(table, half, ledger, Cancel);
        Assert.True(table.Fits(half));
    }

    [Fact]
    public async Task Key_without_a_column_that_the_source_dropped_finds_its_rows()
    {
        var table = await FilledAsync(ByOrganisation,
            new BatchBuilder(ByOrganisation, offset: 1).Upsert(1L, "a", null, 7).Upsert(2L, "b", null, 8));
        var schema = Orders with { Key = [0] };

        await FitAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema, offset: 5).Upsert(1L, "c", null).Build());

        await ExpectAsync(table, ByOrganisation, ["1", "c", null, "7"], ["2", "b", null, "8"]);
    }

    private async Task<TargetName> FilledAsync(
        TableSchema schema, BatchBuilder rows, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var table = Table(test);
        await MakeAsync(table, schema);
        await WriteAsync(table, rows.Build());
        return table;
    }

    private Task FitAsync(TargetName table, TableSchema schema) => InTransactionAsync(async transaction =>
        await transaction.EvolveAsync(EvolutionPlanner.Plan(table, await transaction.DescribeAsync(table, Cancel), schema), Cancel));
}
