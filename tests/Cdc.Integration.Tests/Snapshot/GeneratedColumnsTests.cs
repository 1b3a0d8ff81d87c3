using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>
/// Generated columns arrive from the snapshot exactly where the stream brings them too; which those are the publication says.
/// </summary>
public sealed class GeneratedColumnsTests
{
    private const string Columns =
        "id int, amount int, half int GENERATED ALWAYS AS (amount / 2) STORED, twice int GENERATED ALWAYS AS (amount * 2) VIRTUAL, note " +
        "text";

    private const string Keyed = $"CREATE TABLE item ({Columns}, PRIMARY KEY (id))";

    /// <summary>The server refuses updates of one with a virtual column: full identity would have to hold it.</summary>
    private const string Bag =
        "CREATE TABLE item (id int, amount int, half int GENERATED ALWAYS AS (amount / 2) STORED, note text); ALTER TABLE item REPLICA " +
        "IDENTITY FULL";

    private const string Parts = $"""
        CREATE TABLE item ({Columns}, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (0) TO (500);
        CREATE TABLE item_2 PARTITION OF item DEFAULT
        """;

    private const string Rows = "INSERT INTO item (id, amount, note) SELECT i, i, 'row ' || i FROM generate_series(1, 1000) i";

    private static readonly TableId Item = new("public", "item");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Keyed, "FOR TABLE item WITH (publish_generated_columns = stored", "id, amount, half, note")]
    [InlineData(Keyed, "FOR ALL TABLES WITH (publish_generated_columns = stored", "id, amount, half, note")]
    [InlineData(Parts, "FOR TABLE item WITH (publish_generated_columns = stored", "id, amount, half, note")]
    [InlineData(Bag, "FOR TABLE item WITH (publish_generated_columns = stored", "id, amount, half, note")]
    [InlineData(Keyed, "FOR TABLE item WITH (publish_generated_columns = none", "id, amount, note")]
    [InlineData(Keyed, "FOR TABLE item (id, half) WITH (publish_generated_columns = none", "id, half")]
    [InlineData(Keyed, "FOR TABLE item (id, note) WITH (publish_generated_columns = stored", "id, note")]
    public async Task Snapshot_and_stream_have_the_columns_that_are_published(string create, string publication, string columns)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(18);
        await server.ExecuteAsync($"{create}; {Rows}", "source");
        await server.ExecuteAsync($"CREATE PUBLICATION shop {publication}, publish_via_partition_root = true)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await UntilReadAsync(pipeline);
        await pipeline.UntilEqualAsync(server, Question(columns));
        Assert.Equal(columns, await ColumnsAsync(server));

        await server.ExecuteAsync(
            "INSERT INTO item (id, amount, note) VALUES (2000, 7, 'new'), (2001, 9, 'new'); UPDATE item SET amount = amount + 100 " +
            "WHERE id % 3 = 0; UPDATE item SET note = 'same amount' WHERE id % 7 = 0; DELETE FROM item WHERE id % 11 = 0", "source");

        await pipeline.UntilEqualAsync(server, Question(columns));
        Assert.Equal(columns, await ColumnsAsync(server));
    }

    /// <summary>The stream tells the column of changed rows only.</summary>
    [Fact]
    public async Task Column_that_is_published_later_arrives_of_old_rows_too()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(18);
        await server.ExecuteAsync($"{Keyed}; {Rows}", "source");
        await server.ExecuteAsync("CREATE PUBLICATION shop FOR TABLE item", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await UntilReadAsync(pipeline);
        await pipeline.UntilEqualAsync(server, Question("id, amount, note"));

        await server.ExecuteAsync("ALTER PUBLICATION shop SET (publish_generated_columns = stored)", "source");
        await server.ExecuteAsync("UPDATE item SET amount = 0 WHERE id = 1", "source");

        await pipeline.UntilEqualAsync(server, Question("id, amount, half, note"));
    }

    private static Task UntilReadAsync(RunningPipeline pipeline) => Eventually.HoldsAsync("the table is read", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Reads.GetValueOrDefault(Item)?.State == TableState.Complete;
    }, TimeSpan.FromSeconds(60), Token);

    /// <summary>The target's columns but our own.</summary>
    private static Task<string> ColumnsAsync(PostgresServer server) => server.QueryAsync<string>(
        "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'public.item'::regclass AND attnum > 0 " +
        "AND NOT attisdropped AND NOT starts_with(attname, '_cdc_')", "target");

    private static string Question(string columns) =>
        $"SELECT count(*) || md5(string_agg(row, E'\\n' ORDER BY row)) FROM (SELECT ({columns})::text AS row FROM public.item) rows";
}
