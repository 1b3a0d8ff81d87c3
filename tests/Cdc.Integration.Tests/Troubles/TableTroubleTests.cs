using Cdc.Capture;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Troubles;

/// <summary>What goes wrong with one table stays its own, and passes by itself when its cause does.</summary>
public sealed class TableTroubleTests
{
    private const string Role = "reader";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_that_may_not_be_read_waits_for_its_right_and_keeps_no_other_waiting()
    {
        await using var server = await StartAsync("CREATE TABLE open (id int PRIMARY KEY, note text)",
            "CREATE TABLE closed (id int PRIMARY KEY, note text)");
        await server.ExecuteAsync(
            "INSERT INTO open SELECT i, 'o' FROM generate_series(1, 100) i; INSERT INTO closed SELECT i, 'c' " +
            "FROM generate_series(1, 100) i", "source");
        await server.ExecuteAsync($"REVOKE ALL ON closed FROM {Role}", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], AsRole);
        await pipeline.UntilEqualAsync(server, Digest("open"));
        await UntilTroubleAsync(pipeline, "closed", ErrorCodes.SourceTableDenied);
        Assert.NotNull(HealthOf(pipeline, "closed").Trouble!.NextTry);

        // Its changes continue meanwhile, and nobody has to type anything once the right is there.
        await server.ExecuteAsync("INSERT INTO closed VALUES (101, 'late')", "source");
        await server.ExecuteAsync($"GRANT SELECT ON closed TO {Role}", "source");
        await pipeline.UntilEqualAsync(server, Digest("closed"));
        await UntilHealthyAsync(pipeline, "closed");
    }

    [Fact]
    public async Task A_table_whose_rows_are_hidden_from_the_role_waits_until_they_are_not()
    {
        await using var server = await StartAsync("CREATE TABLE open (id int PRIMARY KEY, note text)",
            "CREATE TABLE hidden (id int PRIMARY KEY, note text)");
        await server.ExecuteAsync("""
            INSERT INTO open SELECT i, 'o' FROM generate_series(1, 100) i; INSERT INTO hidden SELECT i, 'h' FROM generate_series(1, 100) i;
            ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; ALTER TABLE hidden FORCE ROW LEVEL SECURITY
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], AsRole);
        await pipeline.UntilEqualAsync(server, Digest("open"));
        await UntilTroubleAsync(pipeline, "hidden", ErrorCodes.SourceTableDenied);
        await server.ExecuteAsync($"ALTER ROLE {Role} BYPASSRLS", "source");
        await pipeline.UntilEqualAsync(server, Digest("hidden"));
        await UntilHealthyAsync(pipeline, "hidden");
    }

    [Theory]
    [InlineData("DROP TABLE going")]
    [InlineData("DROP SCHEMA other CASCADE")]
    public async Task A_table_that_is_dropped_while_it_is_read_is_gone_which_is_no_fault(string statement)
    {
        var table = statement.Contains("SCHEMA", StringComparison.Ordinal) ? new TableId("other", "going") : new TableId("public", "going");
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            $"CREATE SCHEMA other; CREATE TABLE {table} (id int PRIMARY KEY, note text); CREATE TABLE staying (id int PRIMARY KEY, note " +
            "text)", "source");
        await server.ExecuteAsync(
            $"INSERT INTO {table} SELECT i, repeat('g', 100) FROM generate_series(1, 60000) i; INSERT INTO staying VALUES (1, 's')",
            "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*", "other.*"],
            options => options with { Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10, RowsPerSecond = 5000 } });
        await Eventually.HoldsAsync("a part of it is read", () => pipeline.Capture.Progress.Reads.GetValueOrDefault(table)?.RowsRead > 0,
            TimeSpan.FromSeconds(60), Token);
        await server.ExecuteAsync(statement, "source");
        await Eventually.HoldsAsync("the table is gone", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Tables.GetValueOrDefault(table) is { State: TableState.Gone, Trouble: null };
        }, TimeSpan.FromSeconds(60), Token);
        await pipeline.UntilEqualAsync(server, Digest("staying"));
        var end = await pipeline.Capture.ReadEndAsync(Token);
        await Eventually.HoldsAsync("all the source held is in the log", () => pipeline.Capture.HasReachedAsync(end, Token),
            TimeSpan.FromSeconds(60), Token);
    }

    [Fact]
    public async Task A_block_that_cannot_be_read_stops_its_table_alone()
    {
        await using var server = await StartAsync("CREATE TABLE damaged (id int PRIMARY KEY, note text)",
            "CREATE TABLE whole (id int PRIMARY KEY, note text)");
        await server.ExecuteAsync(
            "INSERT INTO damaged SELECT i, repeat('d', 100) FROM generate_series(1, 5000) i; INSERT INTO whole VALUES (1, 'w'); CHECKPOINT",
            "source");
        var file = await server.QueryAsync<string>("SELECT pg_relation_filepath('damaged')", "source");
        await server.StopAsync("fast");
        await using (var damaged = File.OpenWrite(Path.Combine(server.DataFolder, file)))
        {
            damaged.Position = 3 * 8192;
            await damaged.WriteAsync(Enumerable.Repeat((byte)0xA5, 8192).ToArray(), Token);
        }

        await server.StartAgainAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], AsRole);
        await UntilTroubleAsync(pipeline, "damaged", ErrorCodes.SourceTableUnreadable);
        await pipeline.UntilEqualAsync(server, Digest("whole"));
    }

    [Fact]
    public async Task A_table_that_is_dropped_before_it_is_looked_at_is_left_out_and_said_once()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE staying (id int PRIMARY KEY, note text); INSERT INTO staying VALUES (1, 's')", "source");
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"]))
            await first.UntilEqualAsync(server, Digest("staying"));

        await server.ExecuteAsync(
            "CREATE TYPE mood AS ENUM ('good'); CREATE TABLE brief (id int PRIMARY KEY, mood mood); ALTER PUBLICATION shop ADD TABLE brief",
            "source");
        await server.ExecuteAsync("INSERT INTO brief VALUES (1, 'good')", "source");
        await server.ExecuteAsync("DROP TABLE brief; DROP TYPE mood CASCADE; INSERT INTO staying VALUES (2, 't')", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, Digest("staying"));
        Assert.Equal(TableState.Gone, HealthOf(pipeline, "brief").State);
        Assert.Null(HealthOf(pipeline, "brief").Trouble);
    }

    [Fact]
    public async Task Changes_of_a_table_that_was_described_are_published_to_the_end_though_it_is_gone_with_its_types()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE leaving (id int PRIMARY KEY, note text, mood mood); ALTER TABLE leaving REPLICA IDENTITY FULL;
            INSERT INTO leaving SELECT i, 'l', 'good' FROM generate_series(1, 10) i
            """, "source");
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"]))
            await first.UntilEqualAsync(server, Digest("leaving"));

        await server.ExecuteAsync("UPDATE leaving SET mood = 'bad', note = 'last' WHERE id > 5; DELETE FROM leaving WHERE id = 1",
            "source");
        var rows = await server.QueryAsync<string>(Digest("leaving"), "source");
        await server.ExecuteAsync("DROP TABLE leaving; DROP TYPE mood", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await Eventually.HoldsAsync("the last changes arrive", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return await server.QueryAsync<string>(Digest("leaving"), "target") == rows;
        }, TimeSpan.FromSeconds(60), Token);
        await Eventually.HoldsAsync("the table is gone", () => HealthOf(pipeline, "leaving") is { State: TableState.Gone, Trouble: null },
            TimeSpan.FromSeconds(60), Token);
        Assert.Equal(0, HealthOf(pipeline, "leaving").LeftOut);
        var end = await pipeline.Capture.ReadEndAsync(Token);
        await Eventually.HoldsAsync("all the source held is in the log", () => pipeline.Capture.HasReachedAsync(end, Token),
            TimeSpan.FromSeconds(60), Token);
        Assert.Equal(rows, await server.QueryAsync<string>(Digest("leaving"), "target"));
    }

    /// <summary>Rows that differ in the missing column alone would be merged into one.</summary>
    [Theory]
    [InlineData("PRIMARY KEY (tenant, slug)", "", "ALTER TABLE page REPLICA IDENTITY USING INDEX page_whole")]
    [InlineData("UNIQUE (tenant, slug)", "ALTER TABLE page REPLICA IDENTITY USING INDEX page_tenant_slug_key",
        "ALTER TABLE page REPLICA IDENTITY USING INDEX page_whole")]
    [InlineData("PRIMARY KEY (tenant, slug)", "ALTER TABLE page REPLICA IDENTITY FULL",
        "ALTER TABLE page REPLICA IDENTITY USING INDEX page_whole")]
    public async Task A_table_of_whose_key_only_a_half_is_sent_stops_alone_and_comes_whole_once_it_has_another(
        string key, string identity, string remedy)
    {
        await using var server = await StartAsync("CREATE TABLE staying (id int PRIMARY KEY, note text)", $"""
            CREATE TABLE page (tenant int NOT NULL, id int NOT NULL, note text, slug text GENERATED ALWAYS AS (lower(note)) STORED NOT NULL, {key});
            CREATE UNIQUE INDEX page_whole ON page (id)
            """);
        await server.ExecuteAsync($"{identity}; INSERT INTO page SELECT i % 12, i, 'Row ' || i FROM generate_series(1, 30) i", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], AsRole);
        await UntilTroubleAsync(pipeline, "page", ErrorCodes.SourceKeyUnknown);
        Assert.Contains("'slug'", HealthOf(pipeline, "page").Reason, StringComparison.Ordinal);

        // Neither what is read nor what is streamed gets out.
        await server.ExecuteAsync("INSERT INTO page SELECT i % 12, i, 'Row ' || i FROM generate_series(31, 60) i", "source");
        await server.ExecuteAsync("INSERT INTO staying VALUES (1, 's')", "source");
        await pipeline.UntilEqualAsync(server, Digest("staying"));
        Assert.Equal(0, await server.QueryAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'page'", "target"));

        await server.ExecuteAsync($"{remedy}; INSERT INTO page VALUES (0, 61, 'last')", "source");
        await pipeline.UntilEqualAsync(server, Digest("page"));
        await UntilHealthyAsync(pipeline, "page");
    }

    private static string Digest(string table) =>
        $"SELECT count(*) || md5(string_agg(concat_ws('|', id, note), ';' ORDER BY id)) FROM public.{table}";

    /// <summary>A server whose tables are published to a role of its own, which may read them all.</summary>
    private static async Task<PostgresServer> StartAsync(params string[] tables)
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync($"CREATE ROLE {Role} LOGIN REPLICATION; GRANT pg_monitor TO {Role}", "source");
        foreach (var table in tables)
            await server.ExecuteAsync(table, "source");
        await server.ExecuteAsync($"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {Role}; CREATE PUBLICATION shop FOR ALL TABLES",
            "source");
        return server;
    }

    private static CaptureOptions AsRole(CaptureOptions options) => options with { Postgres = options.Postgres with { User = Role } };

    private static TableHealth HealthOf(RunningPipeline pipeline, string table) =>
        pipeline.Capture.Progress.Tables[new TableId("public", table)];

    private static Task UntilTroubleAsync(
        RunningPipeline pipeline, string table, ErrorCode code) => Eventually.HoldsAsync($"table '{table}' has its trouble", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Tables.GetValueOrDefault(new TableId("public", table))?.Trouble?.Error.Code == code;
    }, TimeSpan.FromSeconds(60), Token);

    private static Task UntilHealthyAsync(
        RunningPipeline pipeline, string table) => Eventually.HoldsAsync($"table '{table}' is well again", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return HealthOf(pipeline, table) is { State: TableState.Complete, Trouble: null };
    }, TimeSpan.FromSeconds(60), Token);
}
