using Cdc.Capture;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>What can come between a chunk's read and the stream, provoked on a real source.</summary>
public sealed class SnapshotRaceTests
{
    private const string Longs = "SELECT count(*) || md5(string_agg(concat_ws('|', id, amount, body), ';' ORDER BY id)) FROM public.long";
    private const string CreateLong = """
        CREATE TABLE long (id int PRIMARY KEY, amount int, body text);
        ALTER TABLE long ALTER body SET STORAGE EXTERNAL;
        INSERT INTO long SELECT i, 0, repeat(md5(i::text), 200) FROM generate_series(1, 2000) i
        """;

    private static readonly TableId Item = new("public", "item");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Rule 0: what ran before the table was published is not streamed, and must be over before the table is read.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Table_that_joins_under_an_open_transaction_loses_nothing(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("CREATE TABLE early (id int PRIMARY KEY); CREATE TABLE item (id int PRIMARY KEY, amount int, note text)",
            "source");
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.early"]))
            await UntilStateAsync(first, new TableId("public", "early"), TableState.Complete);
        await using var session = await server.ConnectAsync("source");
        await ExecuteAsync(session, "BEGIN; INSERT INTO item VALUES (1, 1, 'before it joined')");

        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.early", "public.item"]);
        await Eventually.HoldsAsync("the table is known", () => pipeline.Capture.Progress.Reads.ContainsKey(Item),
            cancellationToken: Token);
        await server.ExecuteAsync("INSERT INTO early SELECT generate_series(1, 100)", "source");
        await pipeline.UntilEqualAsync(server, "SELECT count(*)::text FROM public.early");
        Assert.Equal(TableState.Waiting, pipeline.Capture.Progress.Reads[Item].State);
        await ExecuteAsync(session, "INSERT INTO item VALUES (2, 2, 'after'); COMMIT");

        await UntilStateAsync(pipeline, Item, TableState.Complete);
        await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
    }

    /// <summary>Rule 3: with asynchronous commits the log's flushed end is behind what is visible.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Asynchronous_commits_keep_their_order(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major, "synchronous_commit = off", "wal_writer_delay = 10s");
        await server.ExecuteAsync(SnapshotServer.Tables, "source");
        using var folder = new TemporaryFolder();
        await using var writers = SnapshotWriters.Start(server, 1);
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], SnapshotServer.SmallChunks);

        await UntilStateAsync(pipeline, Item, TableState.Complete);
        await writers.StopAsync();
        await server.ExecuteAsync("SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'test', '')", "source");
        await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
    }

    /// <summary>Rules 5 and 6: values that no change carries are read, wherever the row lies by then.</summary>
    [Fact]
    public async Task Long_values_that_no_change_carries_arrive()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(CreateLong, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.long"],
            options => SnapshotServer.SmallChunks(options) with
        {
            Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10, RowsPerSecond = 500 },
        });
        var table = new TableId("public", "long");
        await UntilStateAsync(pipeline, table, TableState.Reading);

        // The rows of the last pages move into the room that the first ones' old versions leave.
        await server.ExecuteAsync("UPDATE long SET amount = 1 WHERE id <= 300", "source");
        await server.ExecuteAsync("VACUUM long", "source");
        await server.ExecuteAsync("UPDATE long SET amount = 2 WHERE id > 1500", "source");
        await server.ExecuteAsync(
            "UPDATE long SET id = id + 10000 WHERE id BETWEEN 1000 AND 1020; UPDATE long SET id = id + 10000 WHERE id BETWEEN 11000 " +
            "AND 11010", "source");

        await UntilStateAsync(pipeline, table, TableState.Complete);
        await pipeline.UntilEqualAsync(server, Longs);
    }

    /// <summary>Rule 6 after the table is complete: a value of a megabyte, and a key that goes back and forth.</summary>
    [Fact]
    public async Task Changed_key_brings_its_long_value_along()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE long (id int PRIMARY KEY, amount int, body text);
            ALTER TABLE long ALTER body SET STORAGE EXTERNAL;
            INSERT INTO long SELECT i, 0, repeat(md5(i::text), 32768) FROM generate_series(1, 8) i
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.long"]);
        await UntilStateAsync(pipeline, new TableId("public", "long"), TableState.Complete);

        await server.ExecuteAsync("BEGIN; UPDATE long SET id = 100 WHERE id = 1; UPDATE long SET id = 101 WHERE id = 100; COMMIT",
            "source");
        await server.ExecuteAsync("UPDATE long SET id = 200 WHERE id = 2; UPDATE long SET id = 2 WHERE id = 200", "source");
        await server.ExecuteAsync("UPDATE long SET id = 300, amount = 1 WHERE id = 3", "source");

        await pipeline.UntilEqualAsync(server, Longs);
        Assert.Equal(1048576, await server.QueryAsync<int>("SELECT min(length(body)) FROM public.long", "target"));
    }

    /// <summary>
    /// The race at the window's edge: commits that are streamed and stay invisible, for as long as a standby does not answer.
    /// </summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Streamed_but_invisible_commit_is_not_overwritten(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, 0, 'old' " +
            "FROM generate_series(1, 20000) i", "source");
        await server.ExecuteAsync("ALTER DATABASE target SET synchronous_commit = local");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], options => options with
        {
            Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10, RowsPerSecond = 2_000 },
        });
        await UntilStateAsync(pipeline, Item, TableState.Reading);
        await using var session = await server.ConnectAsync("source");
        await server.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.HoldsAsync("commits wait",
            async () => await server.QueryAsync<string>("SHOW synchronous_standby_names") == "nobody", cancellationToken: Token);
        var hanging = ExecuteAsync(session, "UPDATE item SET note = 'streamed', amount = 1 WHERE id % 2 = 0");

        try
        {
            await Eventually.HoldsAsync("the change is streamed", () => IsStreamedAsync(server), TimeSpan.FromSeconds(60), Token);
            await Eventually.HoldsAsync("reads see that they came too early", () => pipeline.Capture.Progress.Reads[Item].RowsRead > 0,
                cancellationToken: Token);
            Assert.False(hanging.IsCompleted);
            Assert.Equal(TableState.Reading, pipeline.Capture.Progress.Reads[Item].State);
        }
        finally
        {
            await server.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await server.ExecuteAsync("SELECT pg_reload_conf()");
            await hanging;
        }

        await UntilStateAsync(pipeline, Item, TableState.Complete);
        await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
    }

    /// <summary>Another file, another shape, no rows any more, more changes than are remembered: each while chunks are read.</summary>
    [Theory]
    [InlineData("VACUUM FULL item")]
    [InlineData("CLUSTER item USING item_pkey")]
    [InlineData("UPDATE item SET amount = -1 WHERE id % 2 = 0; ALTER TABLE item SET LOGGED; CLUSTER item USING item_pkey; DELETE " +
        "FROM item WHERE id % 5 = 0; VACUUM FULL item")]
    [InlineData("ALTER TABLE item ADD COLUMN extra text DEFAULT 'x'; UPDATE item SET extra = 'y' WHERE id % 3 = 0")]
    [InlineData("TRUNCATE item; INSERT INTO item SELECT i, 7, 'after' FROM generate_series(1, 3000) i")]
    [InlineData("UPDATE item SET note = 'all of them, ' || id; UPDATE item SET id = id + 1000000 WHERE id % 2 = 0")]
    public async Task What_happens_to_the_table_in_between_is_survived(string statements)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, i, 'row ' || i " +
            "FROM generate_series(1, 60000) i", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], options => options with
        {
            Snapshot = new SnapshotOptions { ChunkBytes = 128 << 10, RowsPerSecond = 30_000 },
        });
        await UntilStateAsync(pipeline, Item, TableState.Reading);

        foreach (var statement in statements.Split("; "))
            await server.ExecuteAsync(statement, "source");

        await UntilStateAsync(pipeline, Item, TableState.Complete);
        await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
    }

    [Fact]
    public async Task Table_without_an_identity_is_refused_and_the_others_continue()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item VALUES (1, 1, 'one');
            CREATE TABLE bag (a int);
            CREATE TABLE hollow (a int PRIMARY KEY); ALTER TABLE hollow REPLICA IDENTITY NOTHING;
            CREATE TABLE split (a int) PARTITION BY LIST (a); CREATE TABLE split_1 PARTITION OF split DEFAULT; ALTER TABLE split REPLICA IDENTITY FULL;
            CREATE PUBLICATION shop FOR TABLE item, bag, hollow WITH (publish = 'insert', publish_via_partition_root = true)
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);

        await UntilStateAsync(pipeline, Item, TableState.Complete);
        await server.ExecuteAsync("INSERT INTO bag VALUES (1); INSERT INTO hollow VALUES (1)", "source");
        foreach (var name in (string[])["bag", "hollow"])
        {
            var table = new TableId("public", name);
            await Eventually.HoldsAsync($"'{table}' is stopped",
                () => pipeline.Capture.Progress.Tables.GetValueOrDefault(table)?.Reason is not null, cancellationToken: Token);
            Assert.Contains("CDC-2063", pipeline.Capture.Progress.Tables[table].Reason, StringComparison.Ordinal);
        }

        await server.ExecuteAsync("INSERT INTO item VALUES (2, 2, 'two')", "source");
        await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
        Assert.Equal(3, await server.QueryAsync<long>("SELECT count(*) FROM pg_publication_tables", "source"));
    }

    private static async Task<bool> IsStreamedAsync(PostgresServer server) =>
        await server.QueryAsync<bool>("SELECT to_regclass('public.item') IS NOT NULL", "target")
        && await server.QueryAsync<long>("SELECT count(*) FROM public.item WHERE amount = 1", "target") == 10_000;

    private static Task UntilStateAsync(RunningPipeline pipeline, TableId table, TableState state) =>
        Eventually.HoldsAsync($"'{table}' is '{state}'", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Reads.GetValueOrDefault(table)?.State == state;
        }, TimeSpan.FromSeconds(120), Token);

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync();
    }
}
