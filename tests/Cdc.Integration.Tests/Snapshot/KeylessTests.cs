using Cdc.Capture;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>Tables without a key, and tables in many parts, on real servers of the oldest and newest version at hand.</summary>
public sealed class KeylessTests
{
    private const string Bags =
        "SELECT count(*) || md5(coalesce(string_agg(row, E'\\n' ORDER BY row), '')) " +
        "FROM (SELECT concat_ws('|', a, b, n, body)::text AS row FROM public.bag) rows";
    private const string Parts =
        "SELECT count(*) || md5(coalesce(string_agg(row, E'\\n' ORDER BY row), '')) " +
        "FROM (SELECT concat_ws('|', id, day, region, amount)::text AS row FROM public.part) rows";

    private static readonly TableId Bag = new("public", "bag");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariants 2 and 3
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Table_without_a_key_is_the_same_after_writers_and_restarts(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("""
            CREATE TABLE bag (a int, b text, n float8, body text);
            ALTER TABLE bag REPLICA IDENTITY FULL;
            ALTER TABLE bag ALTER body SET STORAGE EXTERNAL;
            INSERT INTO bag SELECT i % 50, CASE WHEN i % 3 > 0 THEN 'b' END, CASE i % 4 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' ELSE 1.5 END, NULL FROM generate_series(1, 20000) i;
            INSERT INTO bag SELECT i % 5, 'long', 0, repeat(md5((i % 5)::text), 200) FROM generate_series(1, 200) i
            """, "source");
        using var folder = new TemporaryFolder();
        await using var writers = new BagWriters(server, 3);
        for (var round = 0; round < 4; round++)
        {
            await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], SnapshotServer.SmallChunks);
            await Eventually.HoldsAsync("a part of it is read", () => pipeline.Capture.Progress.Reads.GetValueOrDefault(Bag)?.RowsRead > 0,
                cancellationToken: Token);
            await pipeline.ThrowIfEndedAsync();
        }

        await using var last = RunningPipeline.Start(server, folder.Path, ["public.*"], SnapshotServer.SmallChunks);
        await UntilCompleteAsync(last, Bag);
        var written = writers.Transactions;
        await Eventually.HoldsAsync("the writers go on", () => writers.Transactions > written + 200, cancellationToken: Token);
        await writers.StopAsync();
        await last.UntilEqualAsync(server, Bags);
        Assert.DoesNotContain(last.Sink.Progress.Partitions, partition => partition.Key.Partition > 0);
    }

    /// <summary>
    /// What ran before the read is not lost, and not there twice: a transaction that the read does not see comes behind it.
    /// </summary>
    [Fact]
    public async Task Transaction_that_is_open_while_the_table_is_read_arrives_once()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(15);
        await server.ExecuteAsync("""
            CREATE TABLE bag (a int, b text, n float8, body text); ALTER TABLE bag REPLICA IDENTITY FULL;
            INSERT INTO bag SELECT 1, 'same', 0, NULL FROM generate_series(1, 1000)
            """, "source");
        await using var session = await server.ConnectAsync("source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], options => options with
        {
            Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10 },
        });
        await pipeline.UntilStreamingAsync();
        await ExecuteAsync(session,
            "BEGIN; INSERT INTO bag VALUES (1, 'same', 0, NULL), (2, 'open', 0, NULL); DELETE FROM bag WHERE ctid IN (SELECT ctid " +
            "FROM bag WHERE b = 'same' LIMIT 10)");
        await UntilCompleteAsync(pipeline, Bag);
        await ExecuteAsync(session, "UPDATE bag SET n = 1 WHERE ctid IN (SELECT ctid FROM bag WHERE b = 'same' LIMIT 10); COMMIT");

        await pipeline.UntilEqualAsync(server, Bags);
        await server.ExecuteAsync(
            "UPDATE bag SET a = a; DELETE FROM bag WHERE n = 1; TRUNCATE bag; INSERT INTO bag " +
            "VALUES (7, NULL, NULL, NULL), (7, NULL, NULL, NULL)", "source");
        await server.ExecuteAsync("DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag)", "source");
        await pipeline.UntilEqualAsync(server, Bags);
    }

    [Fact]
    public async Task Full_identity_with_a_primary_key_goes_by_the_key()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(15);
        await server.ExecuteAsync("""
            CREATE TABLE item (id int PRIMARY KEY, amount int, note text); ALTER TABLE item REPLICA IDENTITY FULL;
            INSERT INTO item SELECT i, i, 'n' FROM generate_series(1, 1000) i
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilCompleteAsync(pipeline, new TableId("public", "item"));
        await server.ExecuteAsync(
            "UPDATE item SET amount = 0 WHERE id % 2 = 0; UPDATE item SET id = id + 5000 WHERE id % 10 = 1; DELETE FROM item " +
            "WHERE id % 7 = 0", "source");
        await pipeline.UntilEqualAsync(server, SnapshotServer.Items);
        Assert.Equal("id",
            await server.QueryAsync<string>(
                "SELECT attname::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) " +
                "WHERE indrelid = 'public.item'::regclass AND indisprimary", "target"));
    }

    /// <summary>Nested partitions in other schemas, with a key and without: one table, under the root's name.</summary>
    [Theory]
    [InlineData(15, ", PRIMARY KEY (id, day, region)", "DEFAULT")]
    [InlineData(18, ", PRIMARY KEY (id, day, region)", "DEFAULT")]
    [InlineData(15, "", "FULL")]
    [InlineData(18, "", "FULL")]
    public async Task Partitions_are_one_table_under_the_roots_name(int major, string constraint, string identity)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync($"""
            CREATE SCHEMA leaves;
            CREATE TABLE part (id int, day date, region text, amount int{constraint}) PARTITION BY RANGE (day);
            CREATE TABLE leaves.early PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY LIST (region);
            CREATE TABLE leaves.early_north PARTITION OF leaves.early FOR VALUES IN ('north');
            CREATE TABLE leaves.early_rest PARTITION OF leaves.early DEFAULT;
            CREATE TABLE leaves.late (amount int, region text NOT NULL, day date NOT NULL, id int NOT NULL);
            ALTER TABLE part ATTACH PARTITION leaves.late DEFAULT;
            ALTER TABLE part REPLICA IDENTITY {identity}; ALTER TABLE leaves.early REPLICA IDENTITY {identity};
            ALTER TABLE leaves.early_north REPLICA IDENTITY {identity}; ALTER TABLE leaves.early_rest REPLICA IDENTITY {identity};
            ALTER TABLE leaves.late REPLICA IDENTITY {identity};
            INSERT INTO part SELECT i, '2024-01-01'::date + i % 59, CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END, i FROM generate_series(1, 20000) i
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*", "leaves.*"], SnapshotServer.SmallChunks);
        await pipeline.UntilStreamingAsync();

        // From leaf to leaf, also over two levels, during the read and behind it.
        for (var round = 0; round < 2; round++)
        {
            await server.ExecuteAsync(
                "UPDATE part SET day = day + 31 WHERE id % 10 = 1; UPDATE part SET region = 'west', amount = 0 WHERE id % 10 = 2; " +
                "UPDATE part SET day = '2024-01-03', region = 'north' WHERE id % 10 = 3; DELETE FROM part WHERE id % 17 = 0", "source");
            await UntilCompleteAsync(pipeline, new TableId("public", "part"));
        }

        await pipeline.UntilEqualAsync(server, Parts);
        Assert.Equal("part",
            await server.QueryAsync<string>(
                "SELECT string_agg(table_name::text, ',') FROM information_schema.tables WHERE table_schema IN ('public', 'leaves')",
                "target"));
        Assert.Single(pipeline.Capture.Progress.Reads);
    }

    /// <summary>Tables that inherit are tables of their own: each has its own rows, and only these.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Inherited_tables_keep_their_own_rows(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("""
            CREATE TABLE parent (id int PRIMARY KEY, note text);
            CREATE TABLE child (extra int, PRIMARY KEY (id)) INHERITS (parent);
            CREATE TABLE bag (a int, b text, n float8, body text); CREATE TABLE bag_child () INHERITS (bag);
            ALTER TABLE bag REPLICA IDENTITY FULL; ALTER TABLE bag_child REPLICA IDENTITY FULL;
            INSERT INTO parent SELECT i, 'p' FROM generate_series(1, 500) i; INSERT INTO child SELECT 1000 + i, 'c', i FROM generate_series(1, 500) i;
            INSERT INTO bag SELECT i % 3, 'p', 0, NULL FROM generate_series(1, 500) i; INSERT INTO bag_child SELECT i % 3, 'c', 0, NULL FROM generate_series(1, 300) i
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        foreach (var name in (string[])["parent", "child", "bag", "bag_child"])
            await UntilCompleteAsync(pipeline, new TableId("public", name));
        await server.ExecuteAsync(
            "UPDATE parent SET note = note || 'x' WHERE id % 2 = 0; DELETE FROM bag WHERE a = 1; UPDATE bag SET b = 'u' WHERE a = 2",
            "source");
        foreach (var name in (string[])["parent", "child"])
            await pipeline.UntilEqualAsync(server,
                $"SELECT count(*) || string_agg(concat_ws('|', id, note), ';' ORDER BY id) FROM ONLY public.{name}");
        foreach (var name in (string[])["bag", "bag_child"])
            await pipeline.UntilEqualAsync(server,
                $"SELECT count(*) || string_agg(concat_ws('|', a, b, n), ';' ORDER BY a, b) FROM ONLY public.{name}");
    }

    private static Task UntilCompleteAsync(RunningPipeline pipeline, TableId table) =>
        Eventually.HoldsAsync($"'{table}' is read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Reads.GetValueOrDefault(table)?.State == TableState.Complete;
        }, TimeSpan.FromSeconds(120), Token);

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Token);
    }
}
