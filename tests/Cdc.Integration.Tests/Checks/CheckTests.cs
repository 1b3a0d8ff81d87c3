using System.Text.Json.Nodes;
using Cdc.Integration.Tests.Commands;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Checks;

/// <summary><c>cdc check</c> against real servers.</summary>
public sealed class CheckTests
{
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Everything_that_is_wrong_is_told_at_once_with_what_mends_it(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major, "wal_level = replica");
        await server.ExecuteAsync("REVOKE TEMPORARY ON DATABASE target FROM PUBLIC; CREATE ROLE restricted LOGIN");
        await server.ExecuteAsync("""
            CREATE TABLE orders (id int PRIMARY KEY, total numeric);
            CREATE TABLE notes (text text);
            GRANT SELECT ON orders TO restricted
            """, "source");
        using var folder = Folder(server, "restricted",
            $"postgres: {{ host: {PostgresServer.Host}, port: {server.Port}, database: target, user: restricted }}");

        var called = await Called.WithAsync("check", folder.File, "--output", "json");

        Assert.Equal((3, ""), (called.Code, called.Error));
        var findings = JsonNode.Parse(called.Out)!["findings"]!.AsArray();
        Assert.Equal("ALTER SYSTEM SET wal_level = logical; -- then restart the server", Remedy(findings, "wal_level"));
        Assert.Contains("ALTER ROLE \"restricted\" REPLICATION", Remedy(findings, "role"), StringComparison.Ordinal);
        Assert.Contains("CREATE PUBLICATION \"shop\" FOR TABLE \"public\".\"orders\"", Remedy(findings, "publication 'shop'"),
            StringComparison.Ordinal);
        Assert.Contains("REPLICA IDENTITY FULL", Remedy(findings, "table 'public.notes'"), StringComparison.Ordinal);
        Assert.Contains(findings, finding => (string?)finding!["message"] == "role 'restricted' may not read it"
            && (string?)finding["subject"] == "table 'public.notes'");
        Assert.Contains("GRANT TEMPORARY ON DATABASE \"target\" TO \"restricted\"", Remedy(findings, "staging"), StringComparison.Ordinal);
        Assert.Contains("CREATE SCHEMA \"_cdc\" AUTHORIZATION \"restricted\"", Remedy(findings, "schema '_cdc'"), StringComparison.Ordinal);

        var text = await Called.WithAsync("check", folder.File);
        Assert.Equal(3, text.Code);
        Assert.Contains("\n  ✗ wal_level", text.Out, StringComparison.Ordinal);
        Assert.Contains("→ ALTER SYSTEM SET wal_level = logical;", text.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.LogFolder));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task What_a_run_needs_is_there_and_the_check_leaves_nothing_behind(int major)
    {
        await using var server = await PostgresServer.StartAsync(major);
        await server.ExecuteAsync("CREATE DATABASE source");
        await server.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)", "source");
        using var folder = Folder(server, PostgresServer.User, "duckdb: { path: ./warehouse.duckdb }");

        var called = await Called.WithAsync("check", folder.File);

        Assert.True(called.Code == 0, called.Out + called.Error);
        Assert.Contains("Everything that a run needs is there, 1 warning.", called.Out, StringComparison.Ordinal);
        Assert.Equal(0,
            await server.QueryAsync<long>("SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots)",
                "source"));
        Assert.Equal([folder.File], Directory.EnumerateFileSystemEntries(folder.Folder));
    }

    [Fact]
    public async Task A_target_that_would_be_captured_again_is_refused_once()
    {
        await using var server = await PostgresServer.StartAsync();
        await server.ExecuteAsync("CREATE DATABASE source");
        await server.ExecuteAsync(
            "CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE lines (id int PRIMARY KEY); INSERT INTO orders VALUES (1); INSERT " +
            "INTO lines VALUES (1)", "source");
        using var folder = Folder(server, PostgresServer.User,
            $"postgres: {{ host: {PostgresServer.Host}, port: {server.Port}, database: source, user: {PostgresServer.User} }}");

        var called = await Called.WithAsync("check", folder.File, "--output", "json");

        Assert.Equal(3, called.Code);
        var fault = Assert.Single(JsonNode.Parse(called.Out)!["findings"]!.AsArray(), finding => (string?)finding!["level"] == "fault");
        Assert.Equal(("target", "CDC-5016"), ((string?)fault!["subject"], (string?)fault["code"]));
        Assert.Equal("it is the database of source 'shop', which would capture 'public.lines' and 1 more", (string?)fault["message"]);
    }

    [Fact]
    public async Task A_target_that_holds_rows_of_others_is_refused()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY)", "source");
        await server.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1)", "target");
        using var folder = Folder(server, PostgresServer.User,
            $"postgres: {{ host: {PostgresServer.Host}, port: {server.Port}, database: target, user: {PostgresServer.User} }}");

        var called = await Called.WithAsync("check", folder.File);

        Assert.Equal(3, called.Code);
        Assert.Contains("it holds rows that no sink wrote (CDC-5011)", called.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_that_do_not_answer_are_told_with_their_code()
    {
        using var folder = new ConfigurationFolder("""
            name: shop
            log: { embedded: { path: ./log } }
            sources: { shop: { postgres: { host: 127.0.0.1, port: 1, database: shop, user: cdc } } }
            sinks: { warehouse: { postgres: { host: 127.0.0.1, port: 1, database: warehouse, user: cdc } } }
            """);

        var called = await Called.WithAsync("check", folder.File);

        Assert.Equal(3, called.Code);
        Assert.Contains("(CDC-2001)", called.Out, StringComparison.Ordinal);
        Assert.Contains("(CDC-5001)", called.Out, StringComparison.Ordinal);
        Assert.Contains("2 faults", called.Out, StringComparison.Ordinal);
    }

    private static ConfigurationFolder Folder(PostgresServer server, string user, string target) => new($$"""
        name: shop
        log: { embedded: { path: ./log } }
        sources:
          shop:
            postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: source, user: {{user}}, create: true }
            tables: [ "public.*" ]
        sinks: { warehouse: { {{target}} } }
        """);

    private static string? Remedy(JsonArray findings, string subject) =>
        (string?)findings.First(finding => (string?)finding!["subject"] == subject && (string?)finding["level"] == "fault")!["remedy"];
}
