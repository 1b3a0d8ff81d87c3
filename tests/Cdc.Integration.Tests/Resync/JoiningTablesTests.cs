using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Requests;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>Tables that come to be published and selected while capture runs, and publications as DBAs make them.</summary>
public sealed class JoiningTablesTests
{
    private const string Item =
        "CREATE TABLE item (id int PRIMARY KEY, amount int); INSERT INTO item SELECT i, i FROM generate_series(1, 100) i";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>No row of it changes.</summary>
    [Theory]
    [InlineData(15, "",
        "CREATE TABLE fresh AS SELECT i AS id, i AS amount FROM generate_series(1, 100) i; ALTER TABLE fresh ADD PRIMARY KEY (id)")]
    [InlineData(18, "",
        "CREATE TABLE fresh AS SELECT i AS id, i AS amount FROM generate_series(1, 100) i; ALTER TABLE fresh ADD PRIMARY KEY (id)")]
    [InlineData(15,
        "CREATE SCHEMA s; CREATE TABLE s.fresh (id int PRIMARY KEY, amount int); INSERT INTO s.fresh SELECT i, i " +
        "FROM generate_series(1, 100) i", "ALTER TABLE s.fresh SET SCHEMA public")]
    [InlineData(15,
        "CREATE SCHEMA s; CREATE TABLE s.x (id int PRIMARY KEY, amount int); INSERT INTO s.x SELECT i, i FROM generate_series(1, 100) i; " +
        "ALTER TABLE s.x RENAME TO stale", "ALTER TABLE s.stale RENAME TO fresh; ALTER TABLE s.fresh SET SCHEMA public")]
    [InlineData(15,
        "CREATE UNLOGGED TABLE fresh (id int PRIMARY KEY, amount int); INSERT INTO fresh SELECT i, i FROM generate_series(1, 100) i",
        "ALTER TABLE fresh SET LOGGED")]
    [InlineData(15, "CREATE TABLE fresh (id int, amount int); INSERT INTO fresh SELECT i, i FROM generate_series(1, 100) i",
        "ALTER TABLE fresh ADD PRIMARY KEY (id)")]
    [InlineData(18, "CREATE TABLE fresh (id int, amount int); INSERT INTO fresh SELECT i, i FROM generate_series(1, 100) i",
        "ALTER TABLE fresh REPLICA IDENTITY FULL")]
    public async Task Quiet_table_that_comes_to_match_is_published_and_read(int major, string before, string change)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Item + ";" + before, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilCompleteAsync("shop.public.item", after: "");

        await server.ExecuteAsync(change, "source");

        Assert.Equal("first", (await pipeline.UntilCompleteAsync("shop.public.fresh", after: "")).Reason);
        await pipeline.UntilEqualAsync(server,
            "SELECT count(*) || md5(string_agg(id || ' ' || amount, ',' ORDER BY id)) FROM public.fresh");
    }

    /// <summary>The server would refuse its users' own updates.</summary>
    [Fact]
    public async Task Table_whose_identity_holds_an_unpublished_generated_column_is_not_published_until_that_is()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(18);
        await server.ExecuteAsync(Item
            + "; CREATE TABLE made (id int PRIMARY KEY, amount int, twice int GENERATED ALWAYS AS (amount * 2) STORED); ALTER TABLE made " +
                "REPLICA IDENTITY FULL; INSERT INTO made VALUES (1, 1)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilCompleteAsync("shop.public.item", after: "");
        await server.ExecuteAsync("UPDATE made SET amount = 2", "source");

        await server.ExecuteAsync("ALTER PUBLICATION shop SET (publish_generated_columns = stored)", "source");
        await pipeline.UntilCompleteAsync("shop.public.made", after: "");
        await server.ExecuteAsync("UPDATE made SET amount = 3", "source");
        await pipeline.UntilEqualAsync(server, "SELECT id || ' ' || amount || ' ' || twice FROM public.made");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Quiet_table_that_is_added_to_the_publication_is_read(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Item
            + "; CREATE TABLE fresh AS SELECT * FROM item; ALTER TABLE fresh ADD PRIMARY KEY (id); " +
                "CREATE PUBLICATION shop FOR TABLE item WITH (publish_via_partition_root = true)", "source");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], ByHand);
        await pipeline.UntilCompleteAsync("shop.public.item", after: "");

        await server.ExecuteAsync("ALTER PUBLICATION shop ADD TABLE fresh", "source");

        await pipeline.UntilCompleteAsync("shop.public.fresh", after: "");
        await pipeline.UntilEqualAsync(server,
            "SELECT count(*) || md5(string_agg(id || ' ' || amount, ',' ORDER BY id)) FROM public.fresh");
    }

    /// <summary>
    /// Until 17 the server cannot decode what was written while the publication was not there: that stops, until somebody acknowledges it.
    /// </summary>
    [Fact]
    public async Task Publication_that_was_dropped_and_made_again_is_acknowledged_by_asking_for_all_tables()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(Item, "source");
        using var folder = new TemporaryFolder();
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]))
            await pipeline.UntilCompleteAsync("shop.public.item", after: "");
        await server.ExecuteAsync("DROP PUBLICATION shop", "source");
        await server.ExecuteAsync("UPDATE item SET amount = -amount WHERE id < 10", "source");
        await server.ExecuteAsync("CREATE PUBLICATION shop FOR TABLE item WITH (publish_via_partition_root = true)", "source");
        await using var again = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await Eventually.HoldsAsync("the server says that it cannot decode the changes", async () =>
        {
            await again.ThrowIfEndedAsync();
            return again.Capture.Progress.Waiting?.Code == ErrorCodes.SourcePublicationMissing;
        }, TimeSpan.FromSeconds(60), Token);

        await new ResyncRequests(again.Log, "shop").SendAsync(ResyncRequest.For([ResyncRequest.All]), Token);

        await again.UntilEqualAsync(server, "SELECT count(*) || md5(string_agg(id || ' ' || amount, ',' ORDER BY id)) FROM public.item");
        await server.ExecuteAsync("UPDATE item SET amount = 7 WHERE id > 90", "source");
        await again.UntilEqualAsync(server, "SELECT count(*) || md5(string_agg(id || ' ' || amount, ',' ORDER BY id)) FROM public.item");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Neither_a_look_nor_the_set_up_waits_for_somebodys_lock(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Item + """
            ; CREATE TABLE part (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE part_1 PARTITION OF part DEFAULT;
            CREATE PUBLICATION shop FOR TABLE item, part WITH (publish_via_partition_root = true)
            """, "source");
        await using var holder = await server.ConnectAsync("source");
        await using (var command = new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE item, part IN ACCESS EXCLUSIVE MODE", holder))
            await command.ExecuteNonQueryAsync(Token);
        var options = Options(server, "postgres", create: true);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));

        await using var sessions = new SessionPool(options, 1, TimeProvider.System);
        var published = await new PublicationSetup(options, sessions, new TableSelection(["public.*"]), _ => { }).RunAsync(patience.Token);
        await using var reader = new PostgresSnapshotReader(
            options, sessions, new TableShapes(), new SourceMemory(new Checkpoint(new Dictionary<string, string>())), TimeProvider.System);
        var sight = await reader.LookAsync([], patience.Token);

        Assert.Equal(["public.item", "public.part"], published.Select(table => table.ToString()));
        Assert.Equal(["public.item", "public.part"], sight.Tables.Keys.Select(table => table.ToString()).Order(StringComparer.Ordinal));
        var leaf = Assert.IsType<PagedFile>(Assert.Single(sight.Tables[new TableId("public", "part")].Files!));
        Assert.Equal("public.part_1", leaf.Id.ToString());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Oldest_open_transaction_is_named_with_what_ends_it(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major, "max_prepared_transactions = 5");
        await server.ExecuteAsync(Item, "source");
        await using var sessions = new SessionPool(Options(server, "postgres", create: true), 1, TimeProvider.System);
        await using var reader = new PostgresSnapshotReader(
            Options(server, "postgres", create: true), sessions, new TableShapes(),
            new SourceMemory(new Checkpoint(new Dictionary<string, string>())), TimeProvider.System);
        Assert.Null((await reader.PulseAsync(PulseKind.Oldest, Token)).Oldest);
        await using var holder = await server.ConnectAsync("source");
        await using (var command = new Npgsql.NpgsqlCommand("BEGIN; DELETE FROM item", holder))
            await command.ExecuteNonQueryAsync(Token);

        Assert.Contains($"SELECT pg_terminate_backend({holder.ProcessID})", (await reader.PulseAsync(PulseKind.Oldest, Token)).Oldest,
            StringComparison.Ordinal);
        Assert.Null((await reader.PulseAsync(PulseKind.Look, Token)).Oldest);
        await using (var command = new Npgsql.NpgsqlCommand("PREPARE TRANSACTION 'left'", holder))
            await command.ExecuteNonQueryAsync(Token);
        Assert.Contains("COMMIT PREPARED 'left'", (await reader.PulseAsync(PulseKind.Oldest, Token)).Oldest, StringComparison.Ordinal);
    }

    /// <summary>
    /// What cannot be added is left out alone, with the reason and the statement; a publication that has all tables is not altered.
    /// </summary>
    [Fact]
    public async Task Set_up_leaves_out_what_it_cannot_add_and_tells_of_kinds_once()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE ROLE reader LOGIN REPLICATION; CREATE TABLE theirs (id int PRIMARY KEY); CREATE TABLE ours (id int PRIMARY KEY); CREATE TABLE bare (id int);
            ALTER TABLE ours OWNER TO reader; CREATE PUBLICATION shop; ALTER PUBLICATION shop OWNER TO reader; CREATE PUBLICATION every FOR ALL TABLES WITH (publish = 'insert')
            """, "source");
        var told = new List<string>();
        await using var sessions = new SessionPool(Options(server, "reader", create: true), 1, TimeProvider.System);
        var setup = new PublicationSetup(Options(server, "reader", create: true), sessions, new TableSelection(["public.*"]), told.Add);

        Assert.Equal(["public.ours"], (await setup.RunAsync(Token)).Select(table => table.ToString()));
        Assert.Equal(["public.ours"], (await setup.RunAsync(Token)).Select(table => table.ToString()));

        Assert.Contains("ALTER TABLE public.bare REPLICA IDENTITY FULL",
            Assert.Single(told, what => what.Contains("bare", StringComparison.Ordinal)), StringComparison.Ordinal);
        var refused = Assert.Single(told, what => what.Contains("theirs", StringComparison.Ordinal));
        Assert.Contains("42501", refused, StringComparison.Ordinal);
        Assert.Contains("""ALTER PUBLICATION "shop" ADD TABLE "public"."theirs""", refused, StringComparison.Ordinal);
        told.Clear();
        await using var others = new SessionPool(Options(server, "postgres", create: true), 1, TimeProvider.System);
        var every = new PublicationSetup(Options(server, "postgres", create: true) with { Publication = "every" }, others,
            new TableSelection(["public.*"]), told.Add);
        Assert.Equal(["public.ours", "public.theirs"], (await every.RunAsync(Token)).Select(table => table.ToString()));
        Assert.Contains(told, what =>
            what.Contains("""ALTER PUBLICATION "every" SET (publish = 'insert, update, delete, truncate')""", StringComparison.Ordinal));
    }

    /// <summary>Two captures that share a publication, or a capture and a DBA, may make it in the same moment.</summary>
    [Fact]
    public async Task Publication_that_somebody_makes_in_the_same_moment_is_taken_and_extended()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(Item, "source");
        await using var other = await server.ConnectAsync("source");
        await using (var command = new Npgsql.NpgsqlCommand("BEGIN; CREATE PUBLICATION shop", other))
            await command.ExecuteNonQueryAsync(Token);
        await using var sessions = new SessionPool(Options(server, "postgres", create: true), 1, TimeProvider.System);
        var setup = new PublicationSetup(Options(server, "postgres", create: true), sessions, new TableSelection(["public.*"]), _ => { });

        var published = setup.RunAsync(Token);
        await Eventually.HoldsAsync("it waits for the other one", () => server.QueryAsync<bool>("""
            SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted)
            """, "source"), TimeSpan.FromSeconds(60), Token);
        await using (var command = new Npgsql.NpgsqlCommand("COMMIT", other))
            await command.ExecuteNonQueryAsync(Token);

        Assert.Equal(["public.item"], (await published).Select(table => table.ToString()));
    }

    /// <summary>
    /// What <c>cdc check</c> warned of continues while it runs, is told once as long as it stays so, and ends with its cause.
    /// </summary>
    [Fact]
    public async Task Whatever_is_left_out_is_told_at_each_start_and_as_long_as_it_is_so()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE part (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED); CREATE TABLE whole (id int PRIMARY KEY); CREATE TABLE later (id int PRIMARY KEY);
            CREATE FOREIGN DATA WRAPPER wrapper; CREATE SERVER far FOREIGN DATA WRAPPER wrapper;
            CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (10); ALTER TABLE parted_1 REPLICA IDENTITY FULL;
            CREATE FOREIGN TABLE parted_far PARTITION OF parted FOR VALUES FROM (10) TO (20) SERVER far; ALTER TABLE parted REPLICA IDENTITY FULL;
            CREATE PUBLICATION shop FOR TABLE part WHERE (id > 3), TABLE whole, TABLE parted WITH (publish = 'insert', publish_via_partition_root = true)
            """, "source");
        var told = new List<string>();
        IReadOnlyList<SourceWarning> now = [];
        await using var sessions = new SessionPool(Options(server, "postgres", create: false), 1, TimeProvider.System);
        var setup = new PublicationSetup(Options(server, "postgres", create: false), sessions, new TableSelection(["public.*"]), told.Add)
        {
            Patterns = ["public.*", "!public.x", "pubic.orders"], OnLooked = found => now = found,
        };

        string[] expected =
        [
            "Publication 'shop' does not send every kind of change; what it leaves out never reaches the target (ALTER PUBLICATION " +
            "\"shop\" SET (publish = 'insert, update, delete, truncate')).",
            "Table 'public.later' is selected but not published (ALTER PUBLICATION \"shop\" ADD TABLE \"public\".\"later\").",
            "Pattern 'pubic.orders' of 'tables' matches no table (correct it: the whole name, 'schema.table', in the source's spelling).",
            "Publication 'shop' sends only some rows of 'public.part' (a row filter).",
            "Generated columns of table 'public.part' are not sent: 'twice'.",
            "Partitions of table 'public.parted' are foreign tables, whose changes are not in this server's log: 'public.parted_far'.",
        ];
        await setup.RunAsync(Token);
        await setup.RunAsync(Token);
        Assert.Equal(expected, told);
        Assert.Equal(expected, now.Select(warning => warning.ToString()));

        await server.ExecuteAsync(
            "ALTER PUBLICATION shop SET (publish = 'insert, update, delete, truncate'); ALTER PUBLICATION shop SET TABLE part, whole, " +
            "later, parted", "source");
        await setup.RunAsync(Token);
        Assert.Equal(expected, told);
        Assert.Equal([expected[2], .. expected[4..]], now.Select(warning => warning.ToString()));
        await server.ExecuteAsync("ALTER PUBLICATION shop SET TABLE part WHERE (id > 3), whole, later, parted", "source");
        await setup.RunAsync(Token);
        Assert.Equal([.. expected, expected[3]], told);
    }

    [Fact]
    public async Task Run_shows_what_is_left_out_until_it_is_mended()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY); CREATE PUBLICATION shop FOR TABLE item WITH (publish = 'insert', " +
            "publish_via_partition_root = true)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();
        Assert.Contains("every kind of change", Assert.Single(pipeline.Capture.Progress.Warnings).Text, StringComparison.Ordinal);
        await server.ExecuteAsync("ALTER PUBLICATION shop SET (publish = 'insert, update, delete, truncate')", "source");
        await Eventually.HoldsAsync("the warning ends", () => pipeline.Capture.Progress.Warnings.Count == 0, TimeSpan.FromSeconds(60),
            Token);
    }

    private static PostgresOptions Options(PostgresServer server, string user, bool create) => new()
    {
        Host = PostgresServer.Host, Port = server.Port, Database = "source", User = user, Slot = "shop", Publication = "shop",
        Create = create,
    };

    private static CaptureOptions ByHand(CaptureOptions options) => options with { Postgres = options.Postgres with { Create = false } };
}
