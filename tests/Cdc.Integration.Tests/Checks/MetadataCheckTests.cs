using System.Text.Json.Nodes;
using Cdc.Integration.Tests.Commands;
using Cdc.Integration.Tests.Resync;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Checks;

/// <summary><c>cdc check</c> tells beforehand where a column would have the name of one of the platform's own (<c>CDC-5034</c>).</summary>
public sealed class MetadataCheckTests
{
    private const string Code = "CDC-5034";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Column_of_a_source_s_table_is_told(bool isDuckDb)
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb);
        using var folder = Folder(server, target, "_cdc_");

        var (code, taken) = await CheckAsync(folder);

        Assert.Equal(3, code);
        string[] subjects = isDuckDb ? ["table 'public.own'", "table 'public.shouted'"] : ["table 'public.own'"];
        Assert.Equal(subjects, taken.Select(finding => (string?)finding["subject"]).Order(StringComparer.Ordinal));
        Assert.Contains("'_cdc_offset' of 'public.own'", (string?)taken[0]["message"], StringComparison.Ordinal);
        Assert.Contains("target.metadata.prefix", (string?)taken[0]["remedy"], StringComparison.Ordinal);

        using var other = Folder(server, target, "sync_");
        Assert.Equal((0, 0), await CheckAsync(other) is var found ? (found.Code, found.Taken.Count) : default);
    }

    /// <summary>A column that is not sent takes no name.</summary>
    [Fact]
    public async Task Column_that_is_not_published_is_not_told()
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync("CREATE PUBLICATION shop FOR TABLE own (id), shouted, chained", "source");
        using var target = new LostTarget(server, isDuckDb: false);
        using var folder = Folder(server, target, "_cdc_");

        Assert.Empty((await CheckAsync(folder)).Taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Column_of_a_target_s_table_is_told_where_ours_are_to_be_renamed(bool isDuckDb)
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync("DROP TABLE own, shouted, chained", "source");
        await server.ExecuteAsync("CREATE TABLE plain (id int PRIMARY KEY); INSERT INTO plain VALUES (1)", "source");
        using var target = new LostTarget(server, isDuckDb);
        using (var first = Folder(server, target, "_cdc_"))
            Assert.Equal(0, (await Called.WithAsync("run", "--until-caught-up", first.File)).Code);
        await target.ExecuteAsync("ALTER TABLE public.plain ADD COLUMN sync_offset int");
        using var folder = Folder(server, target, "sync_");

        var (code, taken) = await CheckAsync(folder);

        Assert.Equal(3, code);
        Assert.Equal("table 'public.plain'", (string?)Assert.Single(taken)["subject"]);
        Assert.Contains("'sync_offset'", (string?)taken[0]["message"], StringComparison.Ordinal);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE own (id int PRIMARY KEY, _cdc_offset text);
            CREATE TABLE shouted (id int PRIMARY KEY, "_CDC_OFFSET" text);
            CREATE TABLE chained (id int PRIMARY KEY, _cdc_partition int, _cdc_offset bigint, _cdc_committed_at timestamptz)
            """, "source");
        return server;
    }

    private static async Task<(int Code, List<JsonNode> Taken)> CheckAsync(ConfigurationFolder folder)
    {
        var called = await Called.WithAsync("check", folder.File, "--output", "json");
        var findings = JsonNode.Parse(called.Out)!["findings"]!.AsArray().OfType<JsonNode>();
        return (called.Code, [.. findings.Where(finding => (string?)finding["code"] == Code)]);
    }

    private static ConfigurationFolder Folder(PostgresServer server, LostTarget target, string prefix) => new($$"""
        name: shop
        log: { embedded: { path: ./log } }
        http: { port: 0 }
        sources:
          shop:
            postgres:
              { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: source, user: {{PostgresServer.User}}, create: true }
            tables: [ "public.*" ]
        sinks:
          warehouse:
            {{target.Setting}}
            target: { metadata: { prefix: {{prefix}} } }
        """);
}
