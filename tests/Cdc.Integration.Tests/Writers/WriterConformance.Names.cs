using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Integration.Tests.Writers;

/// <summary>A user's column may have any name, also one that a writer's own statements and staging tables use.</summary>
public abstract partial class WriterConformance
{
    private static readonly string[] OwnNames =
    [
        "rowid", "balance", "copy", "copies", "removed", "removal", "needed", "number", "place", "s", "t", "c", "w", "f", "k0", "k1", "c0",
        "c1", "c2", "u1", "u2", "_cdc_removal", "_cdc_number", "_cdc_unchanged_1", "_cdc_unchanged_2", "_cdc_keys", "gone", "ordinal",
    ];

    [Fact]
    public async Task Columns_named_as_the_writer_s_own_keep_their_values()
    {
        var table = Table();
        var schema = OfOwnNames("own_keyed", [0]);
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema).Upsert(Row(1, i => 100L + i)).Upsert(Row(2, i => 200L + i)).Build());
        await WriteAsync(table, new BatchBuilder(schema)
            .Upsert(Row(1, i => i % 2 == 0 ? BatchBuilder.Unchanged : 1000L + i)).Upsert(Row(3, i => 300L + i)).Delete(2L).Build());
        await ExpectAsync(table, schema, Printed(1, i => i % 2 == 0 ? 100 + i : 1000 + i), Printed(3, i => 300 + i));
    }

    [Fact]
    public async Task Columns_named_as_the_writer_s_own_tell_rows_without_a_key_apart()
    {
        var table = Table();
        var schema = OfOwnNames("own_bag", []);
        await MakeAsync(table, schema);
        object?[] first = Row(1, i => 7L), second = Row(2, i => 7L), third = Row(3, i => (long)-i);
        await WriteAsync(table, new BatchBuilder(schema)
            .Upsert(first).Upsert(first).Upsert(second).Upsert(second).Upsert(second).Upsert(third).Build());
        await WriteAsync(table, new BatchBuilder(schema)
            .Remove(first).Remove(second).Remove(third).Upsert(third).Upsert(third).Remove(second).Build());
        await ExpectAsync(table, schema, Printed(1, i => 7), Printed(2, i => 7), Printed(3, i => -i), Printed(3, i => -i));

        var tooMany = new BatchBuilder(schema).Remove(second).Remove(second).Build();
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(table, tooMany));
        Assert.Equal(ErrorCodes.TargetRowMissing, error.Code);
        await WriteAsync(table, new BatchBuilder(schema).Remove(first).Remove(second).Remove(third).Build());
        await ExpectAsync(table, schema, Printed(3, i => -i));
    }

    [Fact]
    public async Task Row_without_a_key_that_stays_beside_an_equal_one_keeps_its_record_and_what_the_schema_lacks()
    {
        var table = Table();
        var schema = OfOwnNames("own_rest", []);
        await MakeAsync(table, schema);
        await WriteAsync(table, new BatchBuilder(schema, partition: 3, offset: 40).Upsert(Row(1, i => 7L)).Upsert(Row(1, i => 7L)).Build());
        await target.ExecuteAsync($"ALTER TABLE {Quote(table)} ADD COLUMN added text");
        await target.ExecuteAsync($"UPDATE {Quote(table)} SET added = 'kept'");
        await WriteAsync(table, new BatchBuilder(schema, partition: 3, offset: 50).Remove(Row(1, i => 7L)).Build());
        var rows = await target.QueryAsync($"SELECT id, added, _cdc_partition, _cdc_offset FROM {Quote(table)}");
        Assert.Equal(["1", "kept", "3"], Assert.Single(rows)[..3]);
        Assert.Contains(rows[0][3], (string?[])["40", "41"]);
    }

    private static TableSchema OfOwnNames(string name, int[] key) => Schema(
        name, key, [.. OwnNames.Prepend("id").Select(own => (own, (ColumnType)new ColumnType.Int64(), "bigint"))]);

    private static object?[] Row(long id, Func<int, object?> value) => [id, .. OwnNames.Select((_, i) => value(i))];

    private static string?[] Printed(long id, Func<int, long> value) => [$"{id}", .. OwnNames.Select((_, i) => $"{value(i)}")];
}
