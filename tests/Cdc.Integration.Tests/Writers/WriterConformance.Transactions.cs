using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Integration.Tests.Writers;

/// <summary>What every table writer owes the sink: transactions, the ledger, claims, refusals.</summary>
public abstract partial class WriterConformance
{
    [Fact]
    public async Task Ledger_is_read_back_as_it_was_moved()
    {
        var first = Entry(nextOffset: 0);
        var second = first with { NextOffset = 10, Since = 3, Swept = "snapshot-1", Rows = 10 };
        var other = Entry(partition: 1, nextOffset: 5);
        await MoveAsync(new LedgerMove(null, first), new LedgerMove(null, other));
        await MoveAsync(new LedgerMove(first, second));
        await InTransactionAsync(async transaction =>
        {
            Assert.Equal([second, other],
                (await transaction.ReadLedgerAsync(first.Sink, Cancel)).OrderBy(entry => entry.Partition.Partition));
            Assert.Empty(await transaction.ReadLedgerAsync("nobody", Cancel));
        });
    }

    [Fact]
    public async Task Log_is_noted_by_compare_and_set_and_forgotten_with_the_ledger()
    {
        await NoteAsync("mine", null, "first");
        await NoteAsync("mine", "first", "second");
        await NoteAsync("other", null, "third");
        foreach (var expected in (string?[])[null, "first"])
            Assert.Equal(ErrorCodes.LedgerMoved,
                (await Assert.ThrowsAsync<CdcException>(() => NoteAsync("mine", expected, "fourth"))).Code);
        await InTransactionAsync(async transaction => Assert.Equal("second", await transaction.ReadLogAsync("mine", Cancel)));
        await InTransactionAsync(async transaction => await transaction.ForgetLedgerAsync("mine", Cancel));
        await InTransactionAsync(async transaction =>
            Assert.Equal((null, "third"),
                (await transaction.ReadLogAsync("mine", Cancel), await transaction.ReadLogAsync("other", Cancel))));

        Task NoteAsync(string sink, string? expected, string log) =>
            InTransactionAsync(async transaction => await transaction.NoteLogAsync(sink, expected, log, Cancel));
    }

    [Fact]
    public async Task Former_name_s_topics_are_adopted_with_their_tables_and_no_others()
    {
        var (own, foreign) = (Table("adopted"), Table("not adopted"));
        LedgerEntry Applied(string topic) => new("former", new TopicPartition(topic, 0), "id", 5, 0, null, 5);
        await MoveAsync(new LedgerMove(null, Applied("adopted")), new LedgerMove(null, Applied("not adopted")));
        await InTransactionAsync(transaction => transaction.ClaimAsync("former", "adopted", own, Cancel));
        await InTransactionAsync(transaction => transaction.ClaimAsync("former", "not adopted", foreign, Cancel));
        await InTransactionAsync(async transaction =>
            await transaction.AdoptAsync("former", "shop/former", ["adopted", "unknown"], Cancel));
        await InTransactionAsync(async transaction =>
        {
            Assert.Equal([Applied("adopted") with { Sink = "shop/former" }], await transaction.ReadLedgerAsync("shop/former", Cancel));
            Assert.Equal([Applied("not adopted")], await transaction.ReadLedgerAsync("former", Cancel));
            Assert.Equal(own, Assert.Single(await transaction.ReadTablesAsync("shop/former", Cancel)).Value);
            Assert.Equal(foreign, Assert.Single(await transaction.ReadTablesAsync("former", Cancel)).Value);
        });
    }

    [Fact]
    public async Task Moved_ledger_aborts_batch()
    {
        // Invariant 3
        var table = Table();
        await MakeAsync(table, Orders);
        var start = Entry(nextOffset: 0);
        await MoveAsync(new LedgerMove(null, start));
        await using (var another = target.CreateWriter())
        {
            await using var transaction = await another.BeginAsync(Cancel);
            await transaction.MoveLedgerAsync([new LedgerMove(start, start with { NextOffset = 4 })], Cancel);
            await transaction.CommitAsync(Cancel);
        }

        var error = await Assert.ThrowsAsync<CdcException>(() => InTransactionAsync(async transaction =>
        {
            await transaction.WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", null).Build(), Cancel);
            await transaction.MoveLedgerAsync([new LedgerMove(start, start with { NextOffset = 3 })], Cancel);
        }));
        Assert.Equal(ErrorCodes.LedgerMoved, error.Code);
        await ExpectAsync(table, Orders);
        await InTransactionAsync(async transaction =>
            Assert.Equal(4, Assert.Single(await transaction.ReadLedgerAsync(start.Sink, Cancel)).NextOffset));
    }

    [Fact]
    public async Task Ledger_row_of_another_topic_or_already_there_is_refused()
    {
        var start = Entry(nextOffset: 0);
        await MoveAsync(new LedgerMove(null, start));
        foreach (var expected in (LedgerEntry?[])[null, start with { TopicId = "other" }, start with { NextOffset = 1 }])
        {
            var error = await Assert.ThrowsAsync<CdcException>(() => MoveAsync(new LedgerMove(expected, start with { NextOffset = 9 })));
            Assert.Equal(ErrorCodes.LedgerMoved, error.Code);
        }

        await MoveAsync(new LedgerMove(start, start with { NextOffset = 1 }));
    }

    [Fact]
    public async Task Offsets_of_rows_do_not_outlive_their_topic()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        var partition = new TopicPartition($"topic.{table.Name}", 1);
        var start = new LedgerEntry("conformance", partition, "first", 0, 0, null, 0);
        await MoveAsync(new LedgerMove(null, start));
        await WriteAsync(table, new BatchBuilder(Orders, partition: 1, offset: 7).Upsert(1L, "a", null).Build());
        await WriteAsync(table, new BatchBuilder(Orders, partition: 2, offset: 8).Upsert(2L, "b", null).Build());
        await MoveAsync(new LedgerMove(start, start with { NextOffset = 8 }));
        Assert.Equal(["7", "8"], (await target.QueryAsync($"SELECT _cdc_offset FROM {Quote(table)} ORDER BY 1")).Select(row => row[0]));
        await MoveAsync(new LedgerMove(start with { NextOffset = 8 }, start with { TopicId = "second" }));
        Assert.Equal(["-1", "8"], (await target.QueryAsync($"SELECT _cdc_offset FROM {Quote(table)} ORDER BY 1")).Select(row => row[0]));
    }

    [Fact]
    public async Task Table_belongs_to_one_sink_and_topic()
    {
        var table = Table();
        await InTransactionAsync(transaction => transaction.ClaimAsync("one", "topic", table, Cancel));
        await InTransactionAsync(transaction => transaction.ClaimAsync("one", "topic", table, Cancel));
        foreach (var (sink, topic) in (ReadOnlySpan<(string, string)>)[("two", "topic"), ("one", "other")])
            Assert.Equal(ErrorCodes.TargetTableTaken, ErrorOf(sink, topic));

        ErrorCode ErrorOf(string sink, string topic) => Assert.ThrowsAsync<CdcException>(
            () => InTransactionAsync(transaction => transaction.ClaimAsync(sink, topic, table, Cancel))).GetAwaiter().GetResult().Code;
    }

    [Fact]
    public async Task Foreign_table_is_taken_only_while_it_is_empty()
    {
        var full = Table("foreign full");
        var empty = Table("foreign empty");
        await target.MakeForeignTableAsync(full, rows: 1);
        await target.MakeForeignTableAsync(empty, rows: 0);
        var error = await Assert.ThrowsAsync<CdcException>(() =>
            InTransactionAsync(transaction => transaction.ClaimAsync("s", "t", full, Cancel)));
        Assert.Equal(ErrorCodes.TargetTableTaken, error.Code);
        await InTransactionAsync(transaction => transaction.ClaimAsync("s", "t", empty, Cancel));
        var schema = Schema("foreign", [0], ("id", new ColumnType.Int64(), "bigint"));
        await WriteAsync(empty, new BatchBuilder(schema).Upsert(1L).Build());
        await InTransactionAsync(transaction => transaction.ClaimAsync("s", "t", empty, Cancel));
        await ExpectAsync(empty, schema, ["1"]);
    }

    [Fact]
    public async Task Transaction_without_commit_leaves_nothing()
    {
        var table = Table();
        var entry = Entry(nextOffset: 1);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await using var transaction = await writer.BeginAsync(Cancel);
            await transaction.MoveLedgerAsync([new LedgerMove(null, entry)], Cancel);
            await transaction.ClaimAsync("conformance", "rollback", table, Cancel);
            await transaction.EvolveAsync(new EvolutionPlan(table, Orders, IsMissing: true, []), Cancel);
            await transaction.WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", null).Build(), Cancel);
        }

        await InTransactionAsync(async transaction =>
        {
            Assert.Null(await transaction.DescribeAsync(table, Cancel));
            Assert.Empty(await transaction.ReadLedgerAsync(entry.Sink, Cancel));
        });
    }

    [Fact]
    public async Task Several_batches_share_a_transaction_and_the_later_one_wins()
    {
        var first = Table("batches first");
        var second = Table("batches second");
        await MakeAsync(first, Orders);
        await MakeAsync(second, Orders);
        await InTransactionAsync(async transaction =>
        {
            await transaction.WriteAsync(first, new BatchBuilder(Orders).Upsert(1L, "a", "1.00").Upsert(2L, "b", null).Build(), Cancel);
            await transaction.WriteAsync(second, new BatchBuilder(Orders).Upsert(1L, "x", null).Build(), Cancel);
            await transaction.WriteAsync(first, new BatchBuilder(Orders).Upsert(1L, "c", BatchBuilder.Unchanged).Delete(2L).Build(),
                Cancel);
        });
        await ExpectAsync(first, Orders, ["1", "c", "1.00"]);
        await ExpectAsync(second, Orders, ["1", "x", null]);
    }

    [Fact]
    public async Task Refused_value_leaves_the_target_as_it_was_and_the_writer_usable()
    {
        var table = Table();
        var (column, value) = target.Unsupported;
        var schema = Orders with { Columns = Orders.Columns.Add(column) };
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(1L, "a", "1.00", null).Build());
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(
            table, new BatchBuilder(schema).Upsert(1L, "b", "1.00", null).Upsert(2L, "b", "1.00", value).Upsert(3L, "b", "1.00", null)
            .Build()));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, error.Code);
        Assert.Contains(table.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{column.Name}'", error.Message, StringComparison.Ordinal);
        await ExpectAsync(table, Orders, ["1", "a", "1.00"]);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(1L, "c", BatchBuilder.Unchanged, null).Build());
        await ExpectAsync(table, Orders, ["1", "c", "1.00"]);
    }

    [Fact]
    public async Task Name_that_the_target_would_cut_is_refused()
    {
        var most = writer.Capabilities.MaxIdentifierBytes;
        var longest = new string('é', most / 2);
        var schema = Schema("names", [0], (longest, new ColumnType.Int32(), "integer"));
        await MakeAsync(new TargetName("conformance", longest), schema);
        foreach (var plan in (EvolutionPlan[])
                 [
                     new(new TargetName("conformance", longest + "xx"), schema, IsMissing: true, []),
                     new(Table(), Schema("names", [0], (longest + "xx", new ColumnType.Int32(), "integer")), IsMissing: true, []),
                 ])
        {
            var error = await Assert.ThrowsAsync<CdcException>(() =>
                InTransactionAsync(transaction => transaction.EvolveAsync(plan, Cancel)));
            Assert.Equal(ErrorCodes.TargetNameTooLong, error.Code);
        }
    }

    [Fact]
    public async Task Column_named_as_one_of_the_platforms_is_refused()
    {
        var schema = Schema("names", [0], ("id", new ColumnType.Int32(), "integer"), ("_cdc_offset", new ColumnType.Int32(), "integer"));
        var error = await Assert.ThrowsAsync<CdcException>(
            () => InTransactionAsync(transaction =>
                transaction.EvolveAsync(new EvolutionPlan(Table(), schema, IsMissing: true, []), Cancel)));
        Assert.Equal(ErrorCodes.TargetMetadataTaken, error.Code);
    }

    private static LedgerEntry Entry(
        int partition = 0, long nextOffset = 0, [System.Runtime.CompilerServices.CallerMemberName] string test = "") =>
        new(test, new TopicPartition($"topic.{test}", partition), "topic-id", nextOffset, 0, null, 0);

    private Task MoveAsync(params LedgerMove[] moves) => InTransactionAsync(transaction => transaction.MoveLedgerAsync(moves, Cancel));
}
