using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Integration.Tests.Writers;

/// <summary>The platform's own columns under another prefix than usual, and under another than a table was made with.</summary>
public abstract partial class WriterConformance
{
    private static readonly MetadataColumns Renamed = new("sync_");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Columns_of_ours_are_renamed_with_all_they_hold(bool isNoted)
    {
        var table = Table($"renamed {isNoted}");
        await MakeAsync(table, Orders);
        await WriteAsync(table, new BatchBuilder(Orders, partition: 2, offset: 70).Upsert(1L, "a", null).Upsert(2L, "b", null).Build());
        if (!isNoted)
            // As one that was made before there was a setting.
            await target.ExecuteAsync($"UPDATE _cdc.tables SET metadata_prefix = NULL WHERE target_table = '{table.Name}'");
        await UseAsync(Renamed);

        var found = Assert.Single(await ReadRenamedAsync(), renamed => renamed.Table == table);
        Assert.Equal((table, $"topic.{table.Name}", MetadataColumns.DefaultPrefix), (found.Table, found.Topic, found.Before.Prefix));
        await InTransactionAsync(transaction => transaction.RenameAsync(found, Cancel));
        Assert.DoesNotContain(await ReadRenamedAsync(), renamed => renamed.Table == table);
        Assert.Equal([["1", "2", "70"], ["2", "2", "71"]],
            (await target.QueryAsync($"SELECT id, sync_partition, sync_offset FROM {Quote(table)} ORDER BY 1")));

        await WriteAsync(table, new BatchBuilder(Orders, partition: 2, offset: 72).Upsert(2L, BatchBuilder.Unchanged, "1.00")
            .Upsert(3L, "c", null).Build());
        await InTransactionAsync(transaction => transaction.SweepAsync(table, 2, before: 72, unusedFrom: null, Cancel));
        Assert.Equal([["2", "b", "72"], ["3", "c", "73"]],
            (await target.QueryAsync($"SELECT id, name, sync_offset FROM {Quote(table)} ORDER BY 1")));
        await InTransactionAsync(transaction => transaction.TruncateAsync(table, 2, Cancel));
        await ExpectAsync(table, Orders);
    }

    [Fact]
    public async Task Table_is_made_with_another_prefix_and_may_have_a_column_of_the_usual_one()
    {
        await UseAsync(Renamed);
        var table = Table();
        var schema = Schema("prefix", [0], ("id", new ColumnType.Int64(), "bigint"), ("_cdc_offset", new ColumnType.Int64(), "bigint"));
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema, partition: 0, offset: 70).Upsert(1L, 5L).Build());
        Assert.Equal([["1", "5", "70"]], (await target.QueryAsync($"SELECT id, _cdc_offset, sync_offset FROM {Quote(table)}")));
    }

    /// <summary>As it is or renamed whole: half of it would be lost to whoever looks for either.</summary>
    [Fact]
    public async Task Column_in_the_way_of_a_new_name_is_refused_and_nothing_is_renamed()
    {
        var table = Table();
        var schema = Schema("way", [0], ("id", new ColumnType.Int64(), "bigint"), ("sync_committed_at", new ColumnType.Text(), "text"));
        await MakeAsync(table, schema);
        await UseAsync(Renamed);
        var found = Assert.Single(await ReadRenamedAsync(), renamed => renamed.Table == table);
        var error = await Assert.ThrowsAsync<CdcException>(() => InTransactionAsync(transaction => transaction.RenameAsync(found, Cancel)));
        Assert.Equal(ErrorCodes.TargetMetadataTaken, error.Code);
        Assert.Empty(
            await target.QueryAsync($"SELECT id, sync_committed_at, _cdc_partition, _cdc_offset, _cdc_committed_at FROM {Quote(table)}"));
        Assert.Single(await ReadRenamedAsync(), renamed => renamed.Table == table);
    }

    [Fact]
    public async Task Table_that_is_gone_is_no_trouble_to_rename()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        await target.ExecuteAsync($"DROP TABLE {Quote(table)}");
        await UseAsync(Renamed);
        var found = Assert.Single(await ReadRenamedAsync(), renamed => renamed.Table == table);
        await InTransactionAsync(transaction => transaction.RenameAsync(found, Cancel));
        await InTransactionAsync(transaction => transaction.EvolveAsync(new EvolutionPlan(table, Orders, IsMissing: true, []), Cancel));
        await WriteAsync(table, new BatchBuilder(Orders, partition: 0, offset: 70).Upsert(1L, "a", null).Build());
        Assert.Equal([["70"]], (await target.QueryAsync($"SELECT sync_offset FROM {Quote(table)}")));
    }

    /// <summary>A column that comes to a table that is there was never held against ours.</summary>
    [Fact]
    public async Task Column_that_comes_later_under_a_name_of_ours_is_refused()
    {
        var table = Table();
        await MakeAsync(table, Orders);
        var schema = Schema("later", [0], ("id", new ColumnType.Int64(), "bigint"), ("_cdc_offset", new ColumnType.Int64(), "bigint"));
        var error = await Assert.ThrowsAsync<CdcException>(() => InTransactionAsync(async transaction =>
            await transaction.EvolveAsync(EvolutionPlanner.Plan(table, await transaction.DescribeAsync(table, Cancel), schema), Cancel)));
        Assert.Equal(ErrorCodes.TargetMetadataTaken, error.Code);
    }

    private async Task UseAsync(MetadataColumns metadata)
    {
        await writer.DisposeAsync();
        writer = target.CreateWriter(metadata);
    }

    private async Task<IReadOnlyList<RenamedTable>> ReadRenamedAsync()
    {
        await using var transaction = await writer.BeginAsync(Cancel);
        return await transaction.ReadRenamedAsync("conformance", Cancel);
    }
}
