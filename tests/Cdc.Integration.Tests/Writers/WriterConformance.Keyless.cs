using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Integration.Tests.Writers;

/// <summary>What every table writer owes tables without a key.</summary>
public abstract partial class WriterConformance
{
    private static readonly TableSchema Bag = Schema(
        "bag", [], ("a", new ColumnType.Int32(), "integer"), ("b", new ColumnType.Text(), "text"),
        ("n", new ColumnType.Float64(), "double precision"));

    [Fact]
    public async Task Table_without_key_keeps_every_row_and_loses_one_a_removal()
    {
        var table = Table();
        await MakeAsync(table, Bag);
        await WriteAsync(table, new BatchBuilder(Bag).Upsert(1, "a", 1.5).Upsert(1, "a", 1.5).Upsert(2, null, null).Build());
        await WriteAsync(table, new BatchBuilder(Bag).Upsert(1, "a", 1.5).Upsert(2, null, null).Build());
        await WriteAsync(table, new BatchBuilder(Bag).Remove(1, "a", 1.5).Remove(2, null, null).Build());
        await ExpectAsync(table, Bag, ["1", "a", "1.5"], ["1", "a", "1.5"], ["2", null, null]);
        await WriteAsync(table, new BatchBuilder(Bag).Remove(1, "a", 1.5).Remove(2, null, null).Remove(1, "a", 1.5).Build());
        await ExpectAsync(table, Bag);
    }

    [Fact]
    public async Task Removals_of_a_table_without_key_keep_their_place_in_the_batch()
    {
        var table = Table();
        await MakeAsync(table, Bag);
        await WriteAsync(table, new BatchBuilder(Bag).Upsert(1, "a", null).Build());

        // An update to an equal row; rows that come and go; one that goes and comes; one that comes, goes and comes.
        await WriteAsync(table, new BatchBuilder(Bag)
            .Remove(1, "a", null).Upsert(1, "a", null)
            .Upsert(2, "b", null).Upsert(2, "b", null).Remove(2, "b", null)
            .Remove(1, "a", null).Upsert(1, "x", null)
            .Upsert(3, "c", null).Remove(3, "c", null).Upsert(3, "c", null)
            .Upsert(4, "d", null).Remove(4, "d", null).Build());
        await ExpectAsync(table, Bag, ["1", "x", null], ["2", "b", null], ["3", "c", null]);
    }

    [Fact]
    public async Task Text_that_looks_like_null_and_zeros_of_both_signs_are_different_rows()
    {
        var table = Table();
        await MakeAsync(table, Bag);
        await WriteAsync(table, new BatchBuilder(Bag)
            .Upsert(1, "NULL", 0.0).Upsert(1, null, -0.0).Upsert(2, "", double.NaN).Upsert(2, null, double.NaN).Build());
        await WriteAsync(table, new BatchBuilder(Bag).Remove(1, null, -0.0).Remove(2, "", double.NaN).Build());
        var rows = await target.QueryAsync($"SELECT {Quote("a")}, {Quote("b")} FROM {Quote(table)} ORDER BY 1");
        Assert.Equal([["1", "NULL"], ["2", null]], rows);
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(table, new BatchBuilder(Bag).Remove(1, "NULL", -0.0).Build()));
        Assert.Equal(ErrorCodes.TargetRowMissing, error.Code);
    }

    [Fact]
    public async Task Removal_that_finds_no_equal_row_is_refused_and_nothing_is_written()
    {
        var table = Table();
        await MakeAsync(table, Bag);
        await WriteAsync(table, new BatchBuilder(Bag).Upsert(1, "a", null).Upsert(1, "a", null).Build());
        foreach (var batch in new[]
        {
            new BatchBuilder(Bag).Remove(9, "z", null).Build(),
            new BatchBuilder(Bag).Upsert(5, "e", null).Remove(1, "a", null).Remove(1, "a", null).Remove(1, "a", null).Build(),

            // It comes too late for the removal before it.
            new BatchBuilder(Bag).Remove(7, "g", null).Upsert(7, "g", null).Build(),
        })
        {
            var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(table, batch));
            Assert.Equal(ErrorCodes.TargetRowMissing, error.Code);
        }

        await ExpectAsync(table, Bag, ["1", "a", null], ["1", "a", null]);
    }

    [Theory]
    [MemberData(nameof(TypeCase.Names), MemberType = typeof(TypeCase))]
    public async Task Row_with_a_value_of_each_type_is_found(string name)
    {
        var value = TypeCase.Of(name);
        if (target.Printed(value) is not { } printed)
            return; // It is refused, as Value_of_each_type_arrives shows.
        var table = Table("bag " + name);
        var schema = Schema("bags", [], ("id", new ColumnType.Int32(), "integer"), ("v", value.Type, value.SourceType));
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(1, value.Value).Upsert(1, null).Upsert(1, value.Value)
            .Upsert(2, value.Value).Build());
        await WriteAsync(table, new BatchBuilder(schema).Remove(1, value.Value).Remove(1, null).Remove(2, value.Value)
            .Upsert(3, value.Value).Build());
        await ExpectAsync(table, schema, ["1", printed], ["3", printed]);
    }

    [Fact]
    public async Task Fifty_thousand_rows_without_key_come_and_go()
    {
        var table = Table();
        await MakeAsync(table, Bag);
        var first = new BatchBuilder(Bag);
        var second = new BatchBuilder(Bag);
        for (var i = 0; i < 50_000; i++)
        {
            first.Upsert(i % 1000, "some text", i % 3.0);
            if (i % 2 == 0)
                second.Remove(i % 1000, "some text", i % 3.0).Upsert(i % 1000, "other", null);
        }

        await WriteAsync(table, first.Build());
        await WriteAsync(table, second.Build());
        var rows = await target.QueryAsync(
            $"SELECT count(*), count({Quote("n")}), sum(CASE WHEN {Quote("n")} IS NOT NULL AND {Quote("a")} % 2 = 0 THEN 1 ELSE 0 END) " +
            $"FROM {Quote(table)}");
        Assert.Equal((string?[])["50000", "25000", "0"], rows[0]);
    }
}
