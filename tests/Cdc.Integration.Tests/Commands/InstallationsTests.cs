using Cdc.Testing;

namespace Cdc.Integration.Tests.Commands;

/// <summary>Installations that know nothing of each other have sinks of one name on one target.</summary>
public sealed class InstallationsTests
{
    [Fact]
    public async Task Sinks_of_one_name_keep_apart_and_reset_forgets_its_own_only()
    {
        await using var server = await StartAsync();
        using var shop = Folder(server, "shop", "source");
        using var mall = Folder(server, "mall", "other");
        await RunAsync(shop);
        await RunAsync(mall);
        await server.ExecuteAsync("INSERT INTO goods SELECT i, 'later' FROM generate_series(101, 150) i", "source");
        var run = await RunAsync(shop);
        Assert.DoesNotContain("CDC-3012", run.Out + run.Error, StringComparison.Ordinal);
        Assert.Equal((150L, 100L), (await RowsAsync(server, "source"), await RowsAsync(server, "other")));

        var reset = await Called.WithAsync("reset", shop.File, "--yes");
        Assert.True(reset.Code == 0, reset.Error);
        Assert.Equal("mall/warehouse", await server.QueryAsync<string>("SELECT string_agg(sink, ',') FROM _cdc.ledger", "target"));

        await server.ExecuteAsync("DELETE FROM goods WHERE id <= 40", "other");
        await RunAsync(mall);
        Assert.Equal(60L, await RowsAsync(server, "other"));
        await RunAsync(shop);
        Assert.Equal(150L, await RowsAsync(server, "source"));
    }

    // Invariant 6
    [Fact]
    public async Task Second_installation_of_the_same_name_is_refused_until_all_is_read_again()
    {
        await using var server = await StartAsync();
        using var first = Folder(server, "shop", "source");
        using var second = Folder(server, "shop", "source", "other");
        await RunAsync(first);

        var refused = await Called.WithAsync("run", second.File, "--until-caught-up");
        Assert.Equal(3, refused.Code);
        Assert.Contains("CDC-5021", refused.Out + refused.Error, StringComparison.Ordinal);
        var reset = await Called.WithAsync("reset", second.File, "--yes");
        Assert.Equal(3, reset.Code);
        Assert.Contains("CDC-5021", reset.Error, StringComparison.Ordinal);
        Assert.Equal(100L, await RowsAsync(server, "source"));

        await server.ExecuteAsync("DELETE FROM goods WHERE id <= 40", "source");
        await server.ExecuteAsync("DELETE FROM goods WHERE id = 1", "other");
        await RunAsync(first);
        Assert.Equal(60L, await RowsAsync(server, "source"));

        // Who has all read again says that the first one is gone.
        Assert.Equal(0, (await Called.WithAsync("resync", second.File, "--all")).Code);
        await RunAsync(second);
        Assert.Equal(99L, await RowsAsync(server, "source"));
        var beaten = await Called.WithAsync("run", first.File, "--until-caught-up");
        Assert.Equal(3, beaten.Code);
        Assert.Contains("CDC-5021", beaten.Out + beaten.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ledger_of_before_installations_is_adopted_where_it_stands()
    {
        await using var server = await StartAsync();
        using var shop = Folder(server, "shop", "source");
        using var mall = Folder(server, "mall", "other");
        await RunAsync(shop);
        await server.ExecuteAsync(
            "UPDATE _cdc.ledger SET sink = 'warehouse'; UPDATE _cdc.tables SET sink = 'warehouse'; DROP TABLE _cdc.sinks", "target");
        await RunAsync(mall);
        await server.ExecuteAsync("INSERT INTO goods VALUES (1000, 'later')", "source");
        await RunAsync(shop);
        Assert.Equal(101L, await RowsAsync(server, "source"));
        Assert.Equal("mall/warehouse 100,shop/warehouse 101", await server.QueryAsync<string>(
            "SELECT string_agg(sink || ' ' || rows, ',' ORDER BY sink) FROM _cdc.ledger", "target"));
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE DATABASE other");
        foreach (var database in (string[])["source", "other"])
            await server.ExecuteAsync(
                "CREATE TABLE goods (id int PRIMARY KEY, v text); INSERT INTO goods SELECT i, 'first' FROM generate_series(1, 100) i",
                database);
        return server;
    }

    private static Task<long> RowsAsync(PostgresServer server, string schema) =>
        server.QueryAsync<long>($"SELECT count(*) FROM {schema}.goods", "target");

    private static ConfigurationFolder Folder(PostgresServer server, string name, string source, string? database = null) => new($$"""
        name: {{name}}
        log: { embedded: { path: ./log } }
        sources:
          {{source}}:
            postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: {{database ?? source}}, user: {{PostgresServer.User}}, slot: {{name}}_{{database ?? source}}, create: true }
            tables: [ "public.*" ]
        sinks:
          warehouse:
            postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: target, user: {{PostgresServer.User}} }
            target: { schema: "{{source}}" }
        http: { port: 0 }
        """);

    private static async Task<Called> RunAsync(ConfigurationFolder folder)
    {
        var run = await Called.WithAsync("run", folder.File, "--until-caught-up");
        Assert.True(run.Code == 0, run.Error + run.Out);
        return run;
    }
}
