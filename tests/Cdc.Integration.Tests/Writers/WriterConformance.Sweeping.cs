using Cdc.Contracts.Positions;
using Cdc.Sink.Ledger;

namespace Cdc.Integration.Tests.Writers;

/// <summary>What every table writer owes the sink: the end of a re-read, and starting over.</summary>
public abstract partial class WriterConformance
{
    [Fact]
    public async Task Sweep_takes_the_partition_s_rows_of_older_records_only()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders, partition: 0, offset: 4).Upsert(1L, "old", null).Upsert(2L, "begin", null)
            .Upsert(3L, "new", null).Build());
        await WriteAsync(table, new BatchBuilder(Orders, partition: 1, offset: 0).Upsert(4L, "other", null).Build());
        await InTransactionAsync(transaction => transaction.SweepAsync(table, 0, before: 5, unusedFrom: null, Cancel));
        await ExpectAsync(table, Orders, ["2", "begin", null], ["3", "new", null], ["4", "other", null]);
        await InTransactionAsync(transaction => transaction.SweepAsync(table, 0, before: 0, unusedFrom: 1, Cancel));
        await ExpectAsync(table, Orders, ["2", "begin", null], ["3", "new", null]);
    }

    [Fact]
    public async Task Row_of_the_time_before_a_gap_is_swept_unless_it_was_read_again()
    {
        // Invariant 6: what a gap hid goes with the sweep, and only then.
        var table = Table();
        await MakeAsync(table, Orders);
        var start = new LedgerEntry("conformance", new TopicPartition($"topic.{table.Name}", 0), "id", 0, 0, null, 0);
        await MoveAsync(new LedgerMove(null, start));
        await WriteAsync(table, new BatchBuilder(Orders, offset: 900).Upsert(1L, "a", null).Upsert(2L, "b", null).Build());
        var behind = start with { NextOffset = 10, Since = 10 };
        await MoveAsync(new LedgerMove(start, behind));
        await WriteAsync(table, new BatchBuilder(Orders, offset: 10).Upsert(2L, "read", null).Build());
        await ExpectAsync(table, Orders, ["1", "a", null], ["2", "read", null]);
        await InTransactionAsync(async transaction =>
        {
            await transaction.MoveLedgerAsync([new LedgerMove(behind, behind with { Swept = "s" })], Cancel);
            await transaction.SweepAsync(table, 0, before: 10, unusedFrom: null, Cancel);
        });
        await ExpectAsync(table, Orders, ["2", "read", null]);
    }

    [Fact]
    public async Task Table_without_key_is_swept_like_any()
    {
        var table = Table();
        var schema = Orders with { Key = [] };
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema, offset: 3).Upsert(1L, "before", null).Build());
        await InTransactionAsync(async transaction =>
        {
            await transaction.TruncateAsync(table, 0, Cancel);
            await transaction.WriteAsync(table, new BatchBuilder(schema, offset: 8).Upsert(1L, "a", null).Upsert(1L, "a", null).Build(),
                Cancel);
        });
        await InTransactionAsync(transaction => transaction.SweepAsync(table, 0, before: 7, unusedFrom: null, Cancel));
        await ExpectAsync(table, schema, ["1", "a", null], ["1", "a", null]);
    }

    [Fact]
    public async Task Tables_of_a_sink_are_told_by_topic()
    {
        var first = Table("told first");
        var second = Table("told second");
        await InTransactionAsync(async transaction =>
        {
            await transaction.ClaimAsync("telling", "one", first, Cancel);
            await transaction.ClaimAsync("telling", "two", second, Cancel);
            await transaction.ClaimAsync("telling too", "one", Table(), Cancel);
        });
        await InTransactionAsync(async transaction => Assert.Equal(
            [new("one", first), new("two", second)],
            (await transaction.ReadTablesAsync("telling", Cancel)).OrderBy(table => table.Key, StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Forgotten_ledger_is_of_one_sink_and_its_tables_stay_its_own()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        var own = new LedgerEntry("forgetful", new TopicPartition("topic", 0), "id", 5, 0, null, 0);
        var other = own with { Sink = "remembering" };
        await InTransactionAsync(transaction => transaction.ClaimAsync("forgetful", "kept", Table("forgotten"), Cancel));
        await MoveAsync(new LedgerMove(null, own), new LedgerMove(null, other));
        await InTransactionAsync(transaction => transaction.ForgetLedgerAsync(own.Sink, Cancel));
        await InTransactionAsync(async transaction =>
        {
            Assert.Empty(await transaction.ReadLedgerAsync(own.Sink, Cancel));
            Assert.Single(await transaction.ReadLedgerAsync(other.Sink, Cancel));
            Assert.Equal("kept", Assert.Single(await transaction.ReadTablesAsync(own.Sink, Cancel)).Key);
        });
        await MoveAsync(new LedgerMove(null, own));
    }

    [Fact]
    public async Task Target_names_itself_as_a_source_would() => await InTransactionAsync(async transaction =>
        Assert.Equal(target.Identity, await transaction.IdentifyAsync(Cancel)));
}
