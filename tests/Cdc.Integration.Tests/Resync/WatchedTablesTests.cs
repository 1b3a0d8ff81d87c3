using Cdc.Capture;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>
/// What keeps changes of a table out of the stream, or changes its rows beside it, shows in the catalog, and the table is read again; why
/// it is read says which of the two it was (Invariant 6).
/// </summary>
public sealed class WatchedTablesTests
{
    private const string Topic = "shop.public.item";

    private const string Items =
        "CREATE TABLE item (id int PRIMARY KEY, amount int, note text); INSERT INTO item SELECT i, i, 'row ' || i " +
        "FROM generate_series(1, 300) i";

    private const string Bags =
        "CREATE TABLE item (id int, amount int, note text); ALTER TABLE item REPLICA IDENTITY FULL; INSERT INTO item " +
        "SELECT i % 200, i, 'row ' || i FROM generate_series(1, 300) i";

    private const string Parts = """
        CREATE TABLE item (id int PRIMARY KEY, amount int, note text) PARTITION BY RANGE (id);
        CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (0) TO (100);
        CREATE TABLE item_2 PARTITION OF item DEFAULT;
        INSERT INTO item SELECT i, i, 'row ' || i FROM generate_series(1, 300) i
        """;

    private const string Ranges = """
        CREATE TABLE item (id int PRIMARY KEY, amount int, note text) PARTITION BY RANGE (id);
        CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (0) TO (100);
        CREATE TABLE item_2 PARTITION OF item FOR VALUES FROM (100) TO (10000);
        INSERT INTO item SELECT i, i, 'row ' || i FROM generate_series(1, 300) i
        """;

    private const string Named =
        "CREATE TABLE item (id int, amount int, note text PRIMARY KEY); INSERT INTO item SELECT i, i, 'row ' || i " +
        "FROM generate_series(1, 300) i";

    private const string WiderKey =
        "ALTER TABLE item ADD COLUMN org int NOT NULL DEFAULT 1; ALTER TABLE item DROP CONSTRAINT item_pkey, ADD PRIMARY KEY (org, id)";

    private const string OtherIdentity =
        "ALTER TABLE item ALTER amount SET NOT NULL; CREATE UNIQUE INDEX by_amount ON item (amount); ALTER TABLE item REPLICA IDENTITY " +
        "USING INDEX by_amount";

    private const string MadeFilledAndDropped =
        "CREATE TABLE item_3 PARTITION OF item FOR VALUES FROM (10000) TO (20000); INSERT INTO item VALUES (10001, 1, 'new'); " +
        "DROP TABLE item_3";

    private const string Places =
        "CREATE TYPE place AS (street text, number int); CREATE TABLE item (id int PRIMARY KEY, amount place, note text); " +
        "INSERT INTO item SELECT i, ('(Road,' || i || ')')::place, 'row ' || i FROM generate_series(1, 300) i";

    private const string Moods =
        "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE item (id int PRIMARY KEY, amount mood[], note text); INSERT INTO item " +
        "SELECT i, '{good,bad}', 'row ' || i FROM generate_series(1, 300) i";

    private const string All = "CREATE PUBLICATION shop FOR TABLE item WITH (publish_via_partition_root = true)";

    private const string Everything = "CREATE PUBLICATION shop FOR ALL TABLES WITH (publish_via_partition_root = true)";

    private const string Changes =
        "UPDATE item SET amount = -amount WHERE id < 20; DELETE FROM item WHERE id BETWEEN 20 AND 30; INSERT INTO item " +
        "VALUES (9000, 1, 'new')";

    [Theory]
    [InlineData(15, Items, All, "ALTER PUBLICATION shop DROP TABLE item", Changes, "ALTER PUBLICATION shop ADD TABLE item")]
    [InlineData(18, Items, All, "ALTER PUBLICATION shop DROP TABLE item", Changes, "ALTER PUBLICATION shop ADD TABLE item")]
    [InlineData(15, Bags, All, "ALTER PUBLICATION shop DROP TABLE item", Changes, "ALTER PUBLICATION shop ADD TABLE item")]
    [InlineData(15, Items, All, "ALTER PUBLICATION shop SET (publish = 'insert')", Changes,
        "ALTER PUBLICATION shop SET (publish = 'insert, update, delete, truncate')")]
    [InlineData(18, Items, All, "ALTER PUBLICATION shop SET (publish = 'insert')", Changes,
        "ALTER PUBLICATION shop SET (publish = 'insert, update, delete, truncate')")]
    [InlineData(15, Parts, All, "ALTER PUBLICATION shop SET (publish_via_partition_root = false)", Changes,
        "ALTER PUBLICATION shop SET (publish_via_partition_root = true)")]
    [InlineData(18, Parts, All, "ALTER PUBLICATION shop SET (publish_via_partition_root = false)", Changes,
        "ALTER PUBLICATION shop SET (publish_via_partition_root = true)")]
    [InlineData(15, Items, "CREATE PUBLICATION shop FOR TABLE item WHERE (id <= 5)", "ALTER PUBLICATION shop SET TABLE item")]
    [InlineData(18, Items, "CREATE PUBLICATION shop FOR TABLE item WHERE (id <= 5)", "ALTER PUBLICATION shop SET TABLE item")]
    [InlineData(15, Items, "CREATE PUBLICATION shop FOR TABLE item (id, amount)", "ALTER PUBLICATION shop SET TABLE item")]
    [InlineData(18, Items, "CREATE PUBLICATION shop FOR TABLE item (id, amount)", "ALTER PUBLICATION shop SET TABLE item")]
    [InlineData(18, Items, All, "DROP PUBLICATION shop", Changes, All)]
    [InlineData(15, Items, All, "ALTER TABLE item RENAME TO other",
        "UPDATE other SET amount = -amount WHERE id < 20; DELETE FROM other WHERE id = 20", "ALTER TABLE other RENAME TO item")]
    [InlineData(18, Items, All, "ALTER TABLE item RENAME TO other",
        "UPDATE other SET amount = -amount WHERE id < 20; DELETE FROM other WHERE id = 20", "ALTER TABLE other RENAME TO item")]
    [InlineData(15, Items, All, "CREATE SCHEMA s; ALTER TABLE item SET SCHEMA s", "UPDATE s.item SET amount = -amount WHERE id < 20",
        "ALTER TABLE s.item SET SCHEMA public")]
    [InlineData(18, Items, "CREATE PUBLICATION shop FOR TABLES IN SCHEMA public", "CREATE SCHEMA s; ALTER TABLE item SET SCHEMA s",
        "UPDATE s.item SET amount = -amount WHERE id < 20", "ALTER TABLE s.item SET SCHEMA public")]
    [InlineData(15, Parts, All,
        "ALTER TABLE item DETACH PARTITION item_1; UPDATE item_1 SET amount = -amount; ALTER TABLE item ATTACH PARTITION item_1 FOR " +
        "VALUES FROM (0) TO (100)")]
    [InlineData(18, Parts, All,
        "ALTER TABLE item DETACH PARTITION item_1; UPDATE item_1 SET amount = -amount; ALTER TABLE item ATTACH PARTITION item_1 FOR " +
        "VALUES FROM (0) TO (100)")]
    public Task Changes_that_were_not_streamed_arrive(int major, string create, string publication, params string[] steps) =>
        ReadAgainAsync(major, create, publication, SnapshotBounds.Gap, steps);

    [Theory]
    [InlineData(15, Moods, All, "ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'")]
    [InlineData(18, Moods, All, "ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'")]
    [InlineData(15, Bags, All, "ALTER TABLE item ALTER note TYPE text USING note || '!'")]
    [InlineData(18, Bags, All, "ALTER TABLE item ALTER note TYPE text USING note || '!'")]
    [InlineData(15, Items, All, "ALTER TABLE item ALTER amount TYPE int USING amount + 1")]
    [InlineData(18, Items, All, "ALTER TABLE item ALTER amount TYPE int USING amount + 1")]
    [InlineData(15, Bags, All, "ALTER TABLE item ADD COLUMN token text DEFAULT md5(random()::text)")]
    [InlineData(15, Items, All, "ALTER TABLE item ADD COLUMN token text DEFAULT md5(random()::text)")]
    [InlineData(18, Items, Everything, "VACUUM FULL item")]
    [InlineData(15, Ranges, All, "ALTER TABLE item DETACH PARTITION item_1 CONCURRENTLY", "DROP TABLE item_1")]
    [InlineData(18, Ranges, All, "ALTER TABLE item DETACH PARTITION item_1 CONCURRENTLY", "DROP TABLE item_1")]
    [InlineData(15, Ranges, All, "CREATE TABLE item_3 PARTITION OF item FOR VALUES FROM (10000) TO (20000)",
        "INSERT INTO item VALUES (10001, 1, 'new')", "DROP TABLE item_3")]
    [InlineData(15, Ranges, All, MadeFilledAndDropped)]
    [InlineData(18, Ranges, Everything, MadeFilledAndDropped)]
    [InlineData(15, Places, All, "ALTER TYPE place ADD ATTRIBUTE x text", "UPDATE item SET note = note WHERE id < 20",
        "ALTER TYPE place DROP ATTRIBUTE x")]
    [InlineData(15, Items, All, WiderKey, Changes)]
    [InlineData(18, Items, All, WiderKey, Changes)]
    [InlineData(15, Named, All, "ALTER TABLE item DROP CONSTRAINT item_pkey, ADD COLUMN number bigserial PRIMARY KEY", Changes)]
    [InlineData(18, Named, All, "ALTER TABLE item DROP CONSTRAINT item_pkey, ADD COLUMN number bigserial PRIMARY KEY", Changes)]
    [InlineData(15, Items, All, "ALTER TABLE item DROP CONSTRAINT item_pkey, REPLICA IDENTITY FULL",
        "INSERT INTO item VALUES (1, 1, 'again')", Changes)]
    [InlineData(18, Items, All, "ALTER TABLE item DROP CONSTRAINT item_pkey, REPLICA IDENTITY FULL",
        "INSERT INTO item VALUES (1, 1, 'again')", Changes)]
    [InlineData(15, Bags, All, "ALTER TABLE item ADD PRIMARY KEY (amount), REPLICA IDENTITY DEFAULT", Changes)]
    [InlineData(18, Bags, All, "ALTER TABLE item ADD PRIMARY KEY (amount), REPLICA IDENTITY DEFAULT", Changes)]
    [InlineData(15, Items, All,
        "ALTER TABLE item REPLICA IDENTITY FULL; ALTER TABLE item DROP CONSTRAINT item_pkey, ADD PRIMARY KEY (amount)", Changes)]
    [InlineData(18, Items, All,
        "ALTER TABLE item REPLICA IDENTITY FULL; ALTER TABLE item DROP CONSTRAINT item_pkey, ADD PRIMARY KEY (amount)", Changes)]
    [InlineData(15, Items, All, OtherIdentity, Changes)]
    [InlineData(18, Items, All, OtherIdentity, Changes)]
    public Task Values_that_no_change_told_of_arrive(int major, string create, string publication, params string[] steps) =>
        ReadAgainAsync(major, create, publication, SnapshotBounds.Recheck, steps);

    private const string Swap = """
        BEGIN;
        CREATE TABLE fresh (id int PRIMARY KEY, amount int, note text); INSERT INTO fresh SELECT i, -i, 'other ' || i FROM generate_series(200, 449) i;
        ALTER TABLE item RENAME TO item_old; ALTER TABLE fresh RENAME TO item;
        COMMIT
        """;

    private const string DropAndCreate = """
        DROP TABLE item; CREATE TABLE item (id int PRIMARY KEY, amount int, note text);
        INSERT INTO item SELECT i, -i, 'other ' || i FROM generate_series(250, 320) i
        """;

    [Theory]
    [InlineData(15, Items, Everything, Swap)]
    [InlineData(18, Items, Everything, Swap)]
    [InlineData(15, Items, Everything, DropAndCreate)]
    [InlineData(18, Items, Everything, DropAndCreate)]
    [InlineData(15, Items, Everything, "DROP TABLE item", "CREATE TABLE item (id int PRIMARY KEY, amount int, note text)",
        "INSERT INTO item SELECT i, -i, 'other ' || i FROM generate_series(250, 320) i")]
    [InlineData(18, Items, Everything, DropAndCreate, DropAndCreate)]
    [InlineData(15, Bags, Everything, "DROP TABLE item", Bags)]
    public Task Table_that_took_a_name_replaces_what_had_it(int major, string create, string publication, params string[] steps) =>
        ReadAgainAsync(major, create, publication, SnapshotBounds.Gap, steps);

    private static async Task ReadAgainAsync(int major, string create, string publication, string reason, string[] steps)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(create, "source");
        await server.ExecuteAsync(publication, "source");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"], ByHand);
        var first = await pipeline.UntilCompleteAsync(Topic, after: "");

        foreach (var step in steps)
            await server.ExecuteAsync(step, "source");

        var second = await pipeline.UntilCompleteAsync(Topic, after: first.Id);
        Assert.Equal(reason, second.Reason);
        await pipeline.UntilEqualAsync(server,
            "SELECT count(*) || md5(string_agg(row, E'\\n' ORDER BY row)) FROM (SELECT (id, amount, note)::text AS row " +
            "FROM public.item) rows");
    }

    /// <summary>Slot and publication are the DBA's.</summary>
    private static CaptureOptions ByHand(CaptureOptions options) => options with { Postgres = options.Postgres with { Create = false } };
}
