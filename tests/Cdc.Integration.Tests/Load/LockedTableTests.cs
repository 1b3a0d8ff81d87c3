using Cdc.Capture.Reading;
using Cdc.Capture.Requests;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Commands;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Load;

/// <summary>Tables that somebody keeps locked, as VACUUM FULL or a long ALTER do.</summary>
public sealed class LockedTableTests
{
    private const string Tables = """
        CREATE TABLE free (id int PRIMARY KEY, note text);
        CREATE TABLE locked (id int PRIMARY KEY, note text);
        CREATE TABLE bag (id int, note text);
        ALTER TABLE bag REPLICA IDENTITY FULL;
        CREATE TABLE part (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (50);
        CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (50) TO (1000);
        CREATE TABLE filtered (id int PRIMARY KEY, note text);
        INSERT INTO free SELECT i, 'row ' || i FROM generate_series(1, 100) i;
        INSERT INTO locked SELECT * FROM free; INSERT INTO bag SELECT * FROM free; INSERT INTO part SELECT * FROM free; INSERT INTO filtered SELECT * FROM free;
        """;

    private static readonly string[] All = ["free", "locked", "bag", "part", "filtered"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Who locks a table takes a transaction's number, so what is read for the first time waits for that anyway: these are read again.
    /// </summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_locked_table_waits_alone(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Tables, "source");
        await server.ExecuteAsync("""
            CREATE PUBLICATION shop FOR TABLE free, locked, bag, part, filtered WHERE (id > 0) WITH (publish_via_partition_root = true)
            """, "source");
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"]))
        {
            foreach (var table in All)
                await first.UntilEqualAsync(server, Question(table));
            await Eventually.HoldsAsync("all is read", () => All.All(table => Read(first, table)?.State == TableState.Complete),
                cancellationToken: Token);
        }

        await using var keeper = await server.ConnectAsync("source");
        await ExecuteAsync(keeper, "BEGIN; LOCK TABLE locked, bag, part_1, filtered IN ACCESS EXCLUSIVE MODE");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();
        await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.*"]), Token);
        foreach (var table in (string[])["locked", "bag", "part", "filtered"])
        {
            await Eventually.HoldsAsync($"'{table}' waits, and says for whom", async () =>
            {
                await pipeline.ThrowIfEndedAsync();
                return Health(pipeline, table) is { State: not TableState.Complete, Reason: { } reason }
                    && reason.StartsWith("CDC-2080", StringComparison.Ordinal);
            }, cancellationToken: Token);
        }

        Assert.Contains($"process {keeper.ProcessID} (user 'postgres'", Health(pipeline, "locked")!.Reason, StringComparison.Ordinal);
        await server.ExecuteAsync("INSERT INTO free SELECT i, 'later' FROM generate_series(200, 300) i", "source");
        await pipeline.UntilEqualAsync(server, Question("free"));
        await Eventually.HoldsAsync("the table that nobody locks is read again",
            () => Read(pipeline, "free") is { State: TableState.Complete, Reason: not "first" }, cancellationToken: Token);
        Assert.True(pipeline.Capture.Progress.IsStreaming);

        await ExecuteAsync(keeper, "UPDATE locked SET note = 'mine' WHERE id = 7; COMMIT");
        foreach (var table in All)
        {
            await pipeline.UntilEqualAsync(server, Question(table));
            await Eventually.HoldsAsync($"'{table}' is read again",
                () => Read(pipeline, table) is { State: TableState.Complete, Reason: not "first" }, cancellationToken: Token);
            Assert.Null(Health(pipeline, table)!.Trouble);
        }
    }

    /// <summary>A start continues without the table that is locked and not published yet; the next one adds it.</summary>
    [Fact]
    public async Task A_locked_table_keeps_no_start_waiting()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(Tables, "source");
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"]))
            await first.UntilEqualAsync(server, Question("free"));
        await server.ExecuteAsync("CREATE TABLE late (id int PRIMARY KEY, note text); INSERT INTO late VALUES (1, 'late')", "source");
        await using var keeper = await server.ConnectAsync("source");
        await ExecuteAsync(keeper, "BEGIN; LOCK TABLE locked, bag, late IN ACCESS EXCLUSIVE MODE");
        await using (var second = RunningPipeline.Start(server, folder.Path, ["public.*"]))
        {
            await second.UntilStreamingAsync();
            await server.ExecuteAsync("INSERT INTO free VALUES (1000, 'meanwhile')", "source");
            await second.UntilEqualAsync(server, Question("free"));
        }

        await ExecuteAsync(keeper, "COMMIT");
        await using var third = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        foreach (var table in (string[])[.. All, "late"])
            await third.UntilEqualAsync(server, Question(table));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Checking_waits_for_no_table(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(Tables, "source");
        await server.ExecuteAsync(
            "CREATE PUBLICATION shop FOR TABLE free, locked, bag, part, filtered WHERE (id > 0) WITH (publish_via_partition_root = true)",
            "source");
        await using var keeper = await server.ConnectAsync("source");
        await ExecuteAsync(keeper, "BEGIN; LOCK TABLE locked, bag, part_1, filtered IN ACCESS EXCLUSIVE MODE");
        using var folder = new ConfigurationFolder($$"""
            name: shop
            log: { embedded: { path: ./log } }
            sources: { shop: { postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: source, user: {{PostgresServer.User}}, create: true }, tables: [ "public.*" ] } }
            sinks: { warehouse: { postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: target, user: {{PostgresServer.User}} } } }
            """);

        var called = await Called.WithAsync("check", folder.File);

        Assert.True(called.Code == 0, called.Out + called.Error);
        Assert.Contains("✓ connections", called.Out, StringComparison.Ordinal);
    }

    private static TableSnapshotProgress? Read(RunningPipeline pipeline, string table) =>
        pipeline.Capture.Progress.Reads.GetValueOrDefault(new TableId("public", table));

    private static TableHealth? Health(RunningPipeline pipeline, string table) =>
        pipeline.Capture.Progress.Tables.GetValueOrDefault(new TableId("public", table));

    private static string Question(string table) =>
        $"SELECT count(*) || md5(coalesce(string_agg(concat_ws('|', id, note), ';' ORDER BY id), '')) FROM public.{table}";

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Token);
    }
}
