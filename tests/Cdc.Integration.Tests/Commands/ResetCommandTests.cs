using Cdc.Cli;
using Cdc.Cli.Output;
using Cdc.Cli.Running;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.DuckDb;
using Cdc.Integration.Tests.Rereading;
using Cdc.Testing;
using Cdc.Transport.Embedded;

namespace Cdc.Integration.Tests.Commands;

public sealed class ResetCommandTests
{
    private const string Rows = "SELECT coalesce(string_agg(concat_ws('|', id, v), ';' ORDER BY id), '') FROM public.t";

    [Fact]
    public async Task Reset_installation_starts_over_and_leaves_no_row_that_is_gone()
    {
        await using var server = await StartAsync();
        using var lake = new TemporaryDuckDb();
        using var folder = Folder(server, lake);
        await RunAsync(folder);
        await server.ExecuteAsync("DELETE FROM t WHERE id <= 20; INSERT INTO t VALUES (1000, 'new')", "source");
        var foreign = Path.Combine(folder.LogFolder, "journal-notes.log");
        await File.WriteAllTextAsync(foreign, "mine");

        var reset = await Called.WithAsync("reset", folder.File, "--yes");

        Assert.True(reset.Code == 0, reset.Error);
        Assert.Equal(0L, await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots"));
        Assert.Equal(0L, await server.QueryAsync<long>("SELECT count(*) FROM _cdc.ledger", "target"));
        Assert.Equal(["journal-notes.log", "lock"],
            Directory.GetFiles(folder.LogFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(100L, await server.QueryAsync<long>("SELECT count(*) FROM public.t", "target"));
        Assert.Equal(0, (await Called.WithAsync("reset", folder.File, "--yes")).Code);

        File.Delete(foreign);
        await RunAsync(folder);
        await using (var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder.LogFolder }, TimeProvider.System))
        {
            var state = (await log.DescribeTopicsAsync(_ => true, CancellationToken.None)).Single().Partitions[0];
            if (!SnapshotBounds.Read(await log.ReadCheckpointAsync("shop", CancellationToken.None)).ContainsKey("shop.public.t"))
                await RereadBench.NoteAsync(log, new SnapshotBounds("shop.public.t", "first", "gap", [0], [state.NextOffset]));
        }

        await RunAsync(folder);
        var source = await server.QueryAsync<string>(Rows, "source");
        Assert.Equal(source, await server.QueryAsync<string>(Rows, "target"));
        Assert.Equal(source, lake.Query(Rows)[0][0]);
    }

    [Fact]
    public async Task Reset_broken_off_after_any_step_is_mended_by_calling_it_again()
    {
        await using var server = await StartAsync();
        using var lake = new TemporaryDuckDb();
        using var folder = Folder(server, lake);
        await RunAsync(folder);
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('shop')", "source");
        await server.ExecuteAsync("DELETE FROM _cdc.ledger", "target");

        var stopped = await Called.WithAsync("run", folder.File, "--until-caught-up");
        Assert.Equal(3, stopped.Code);
        Assert.Contains("CDC-2006", stopped.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await Called.WithAsync("reset", folder.File, "--yes")).Code);
        await RunAsync(folder);
    }

    [Fact]
    public async Task Target_that_does_not_answer_is_named_and_nothing_is_changed_unless_it_may_be_left()
    {
        await using var server = await StartAsync();
        using var lake = new TemporaryDuckDb();
        using var folder = Folder(server, lake);
        await RunAsync(folder);
        var text = await File.ReadAllTextAsync(folder.File);
        await File.WriteAllTextAsync(folder.File, text.Replace("database: target", "database: nowhere", StringComparison.Ordinal));

        var refused = await Called.WithAsync("reset", folder.File, "--yes");
        Assert.Equal(3, refused.Code);
        Assert.Contains("sink 'warehouse' did not answer", refused.Error, StringComparison.Ordinal);
        Assert.Equal(1L, await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots"));

        var done = await Called.WithAsync("reset", folder.File, "--yes", "--offline", "--output", "json");
        Assert.Equal(0, done.Code);
        Assert.Contains("left unchanged", done.Out, StringComparison.Ordinal);
        Assert.Equal(0L, await server.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots"));
        Assert.Equal(1L, await server.QueryAsync<long>("SELECT count(*) FROM _cdc.ledger", "target"));
        Assert.Equal(["lock"], Directory.GetFiles(folder.LogFolder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Reset_without_a_terminal_wants_to_be_told_and_changes_nothing()
    {
        using var folder = new ConfigurationFolder();

        var called = await Called.WithAsync("reset", folder.File);

        Assert.Equal(2, called.Code);
        Assert.StartsWith("CDC-1031 ", called.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shpo\n", 2)]
    [InlineData("", 2)]
    [InlineData(" shop \n", 3)]
    public async Task Reset_asks_for_the_installation_s_name(string typed, int code)
    {
        using var folder = new ConfigurationFolder(
            ConfigurationFolder.Good.Replace("host: db", "host: 127.0.0.1, port: 1", StringComparison.Ordinal));
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        using var input = new StringReader(typed);

        var ended = await new CommandLine(new Terminal(output, error, IsLive: false) { In = input },
            Installation.OpenAsync).RunAsync(["reset", folder.File]);

        Assert.Equal(code, ended);
        Assert.Contains("Type the installation's name, 'shop'", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(code == 2 ? "CDC-1031" : "CDC-2001", error.ToString(), StringComparison.Ordinal);
    }

    // Invariant 5
    [Fact]
    public async Task Reset_is_refused_while_a_run_holds_the_log()
    {
        using var folder = new ConfigurationFolder();
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder.LogFolder }, TimeProvider.System);

        var called = await Called.WithAsync("reset", folder.File, "--yes");

        Assert.Equal(3, called.Code);
        Assert.StartsWith("CDC-3002 ", called.Error, StringComparison.Ordinal);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'first' FROM generate_series(1, 100) i", "source");
        return server;
    }

    private static ConfigurationFolder Folder(PostgresServer server, TemporaryDuckDb lake) => new($$"""
        name: shop
        log: { embedded: { path: ./log } }
        sources:
          shop:
            postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: source, user: {{PostgresServer.User}}, create: true }
            tables: [ "public.*" ]
        sinks:
          warehouse: { postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: target, user: {{PostgresServer.User}} } }
          lake: { duckdb: { path: {{lake.Path}} } }
        http: { port: 0 }
        """);

    private static async Task RunAsync(ConfigurationFolder folder)
    {
        var run = await Called.WithAsync("run", folder.File, "--until-caught-up");
        Assert.True(run.Code == 0, run.Error + run.Out);
    }
}
