using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;

namespace Cdc.Integration.Tests.Configuration;

public sealed class BadFileTests
{
    [Fact]
    public void Every_fault_is_found_at_once()
    {
        var faults = Bindings.FaultsOf("""
            nam: shop
            log: { embedded: { } }
            topics: { partitions: many }
            sources:
              Shop:
                postgres:
                  host: ""
                  prot: 5432
                  port: 70000
                  user: [ a ]
                  password: "${env:UNSET}"
                  heartbeat: soon
                  tls: { mode: sometimes }
                tables: public.orders
              two: {}
            sinks:
              w: { duckdb: { path: a }, postgres: { host: h, database: d, user: u }, mode: append }
              v: { batch: { rows: 0 } }
            http: 8083
            """);

        Assert.Equal(
        [
            "1004 0 name",
            "1003 1 nam",
            "1004 2 log.embedded.path",
            "1006 3 topics.partitions",
            "1006 5 sources.Shop",
            "1004 6 sources.Shop.postgres.database",
            "1006 7 sources.Shop.postgres.host",
            "1003 8 sources.Shop.postgres.prot",
            "1007 9 sources.Shop.postgres.port",
            "1006 10 sources.Shop.postgres.user",
            "1011 11 sources.Shop.postgres.password",
            "1006 12 sources.Shop.postgres.heartbeat",
            "1006 13 sources.Shop.postgres.tls.mode",
            "1006 14 sources.Shop.tables",
            "1004 15 sources.two.postgres",
            "1008 17 sinks.w.mode",
            "1009 17 sinks.w.duckdb",
            "1007 18 sinks.v.batch.rows",
            "1004 18 sinks.v.postgres",
            "1006 19 http",
        ], faults);
    }

    [Theory]
    [InlineData("sources: {}", "1004 3 sources")]
    [InlineData("sources: { a: { postgres: { host: h, database: d } } }", "1004 3 sources.a.postgres.user")]
    [InlineData("sources: { a-b: { postgres: { host: h, database: d, user: u, publication: p } } }", "1004 3 sources.a-b.postgres.slot")]
    [InlineData("sources: { a: { postgres: { host: h, database: d, user: u, slot: A } } }", "1006 3 sources.a.postgres.slot")]
    [InlineData("sources: { a: { postgres: 5 } }", "1006 3 sources.a.postgres")]
    [InlineData("sources: { a: 5 }", "1006 3 sources.a")]
    [InlineData("sources: 5", "1006 3 sources")]
    [InlineData("sources: { a: { mysql: { host: h } } }", "1008 3 sources.a.mysql")]
    [InlineData("sources: { a: { mariadb: { host: h } } }", "1008 3 sources.a.mariadb")]
    public void One_fault_in_the_sources_is_one_line(string sources, string expected) =>
        Assert.Equal([expected], Bindings.FaultsOf(Bindings.Head + sources));

    [Theory]
    [InlineData("port: 0", 1007)]
    [InlineData("port: 1e3", 1006)]
    [InlineData("port: 5432.0", 1006)]
    [InlineData("port:", 1006)]
    [InlineData("port: ~", 1006)]
    [InlineData("port: [5432]", 1006)]
    [InlineData("create: yes", 1006)]
    [InlineData("create: True", 1006)]
    [InlineData("heartbeat: 2h", 1007)]
    [InlineData("heartbeat: 10ms", 1007)]
    [InlineData("heartbeat: 10", 1006)]
    [InlineData("publication: \"a\\u0007b\"", 1006)]
    [InlineData("publication: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1006)]
    [InlineData("tls: { mode: VerifyFull }", 1006)]
    [InlineData("tls: { mode: require, ca: /nowhere/ca.pem }", 1012)]
    [InlineData("password: \"${env:UNSET}\"", 1011)]
    [InlineData("password: \"${file:/nowhere/secret}\"", 1011)]
    [InlineData("password: \"${env:UNSET\"", 1010)]
    [InlineData("password: \"${UNSET}\"", 1010)]
    [InlineData("password: \"${vault:UNSET}\"", 1010)]
    [InlineData("password: { a: b }", 1006)]
    public void A_bad_value_of_a_database_has_its_code(string setting, int code)
    {
        var fault = Assert.Throws<ConfigurationException>(() => Bindings.Bind(Bindings.Head +
            $"sources:\n  a:\n    postgres:\n      host: h\n      database: d\n      user: u\n      {setting}\n")).Faults[0];

        Assert.Equal((code, 9), (fault.Code.Number, fault.Line));
        Assert.StartsWith("sources.a.postgres." + setting[..setting.IndexOf(':', StringComparison.Ordinal)], fault.Path,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("topicPrefix: -x", "1006 6 sources.shop.topicPrefix")]
    [InlineData("topicPrefix: a b", "1006 6 sources.shop.topicPrefix")]
    [InlineData("topicPrefix: _cdc.requests.shop", "1006 6 sources.shop.topicPrefix")]
    [InlineData("topicPrefix: _cdc", "1006 6 sources.shop.topicPrefix")]
    [InlineData("tables: public.orders", "1006 6 sources.shop.tables")]
    [InlineData("tables: [orders]", "1006 6 sources.shop.tables[0]")]
    [InlineData("tables: [a.b, \"!\"]", "1006 6 sources.shop.tables[1]")]
    [InlineData("tables: [a.b, c.d, a.b]", "1005 6 sources.shop.tables[2]")]
    [InlineData("tables: [a.b, [c.d]]", "1006 6 sources.shop.tables[1]")]
    [InlineData("snapshot: { mode: always }", "1006 6 sources.shop.snapshot.mode")]
    [InlineData("snapshot: { chunk: 1GB }", "1007 6 sources.shop.snapshot.chunk")]
    [InlineData("snapshot: { parallel: 33 }", "1007 6 sources.shop.snapshot.parallel")]
    [InlineData("append: { bytes: 1 }", "1007 6 sources.shop.append.bytes")]
    [InlineData("columns: { }", "1008 6 sources.shop.columns")]
    public void A_bad_setting_of_a_source_is_one_fault(string setting, string expected) =>
        Assert.Equal([expected], Bindings.FaultsOf(Bindings.Head + Bindings.Source + "    " + setting));

    [Theory]
    [InlineData("{ }", "1004 7 sinks.w.postgres")]
    [InlineData("{ duckdb: { } }", "1004 7 sinks.w.duckdb.path")]
    [InlineData("{ duckdb: { path: a, closedTime: 2m } }", "1007 7 sinks.w.duckdb.closedTime")]
    [InlineData("{ duckdb: { path: a, memoryLimit: 1MB } }", "1007 7 sinks.w.duckdb.memoryLimit")]
    [InlineData("{ duckdb: { path: a }, postgres: { host: h, database: d, user: u } }", "1009 7 sinks.w.duckdb")]
    [InlineData("{ duckdb: { path: a }, mode: append }", "1008 7 sinks.w.mode")]
    [InlineData("{ duckdb: { path: a }, mode: history }", "1008 7 sinks.w.mode")]
    [InlineData("{ duckdb: { path: a }, mode: mirror }", "1006 7 sinks.w.mode")]
    [InlineData("{ duckdb: { path: a }, deletes: { default: soft } }", "1008 7 sinks.w.deletes.default")]
    [InlineData("{ duckdb: { path: a }, deletes: { rules: [] } }", "1008 7 sinks.w.deletes.rules")]
    [InlineData("{ duckdb: { path: a }, tables: { } }", "1008 7 sinks.w.tables")]
    [InlineData("{ duckdb: { path: a }, target: { table: \"{tabel}\" } }", "1006 7 sinks.w.target.table")]
    [InlineData("{ duckdb: { path: a }, target: { schema: \"{schema\" } }", "1006 7 sinks.w.target.schema")]
    [InlineData("{ duckdb: { path: a }, target: { metadata: { prefix: \"\" } } }", "1006 7 sinks.w.target.metadata.prefix")]
    [InlineData("{ duckdb: { path: a }, target: { metadata: { prefix: Sync_ } } }", "1006 7 sinks.w.target.metadata.prefix")]
    [InlineData("{ duckdb: { path: a }, target: { metadata: { prefix: 1_ } } }", "1006 7 sinks.w.target.metadata.prefix")]
    [InlineData("{ duckdb: { path: a }, target: { metadata: { prefix: \"a b\" } } }", "1006 7 sinks.w.target.metadata.prefix")]
    [InlineData("{ duckdb: { path: a }, target: { metadata: { prefix: a23456789012345678901234567890123 } } }",
        "1006 7 sinks.w.target.metadata.prefix")]
    [InlineData("{ duckdb: { path: a }, batch: { time: 2h } }", "1007 7 sinks.w.batch.time")]
    [InlineData("{ duckdb: { path: a }, subscribe: [\" a\"] }", "1006 7 sinks.w.subscribe[0]")]
    [InlineData("{ duckdb: { path: a } }\n  v: { duckdb: { path: ./b/../a } }", "1009 8 sinks.v.duckdb.path")]
    public void A_bad_setting_of_a_sink_is_one_fault(string sink, string expected) =>
        Assert.Equal([expected], Bindings.FaultsOf(Bindings.Head + Bindings.Source + "sinks:\n  w: " + sink));

    [Theory]
    [InlineData("http: { port: 65536 }", "1007 6 http.port")]
    [InlineData("http: { bind: everywhere }", "1006 6 http.bind")]
    [InlineData("registry: { url: \"http://r\" }", "1008 6 registry.url")]
    [InlineData("registry: { uri: \"http://r\" }", "1003 6 registry.uri")]
    [InlineData("topics: { partitions: 0 }", "1007 6 topics.partitions")]
    [InlineData("topics: { partitions: { \"a*\": 5000 } }", "1007 6 topics.partitions.\"a*\"")]
    [InlineData("topics: { partitions: { \"*\": 1, \"a.b.c\": 2 } }", "1009 6 topics.partitions.\"a.b.c\"")]
    [InlineData("topics: { partitions: { \"!a\": 1 } }", "1006 6 topics.partitions.\"!a\"")]
    [InlineData("name: shop", "1005 6 name")]
    [InlineData("sinks: { w: { duckdb: { path: a } }, w: { duckdb: { path: b } } }", "1005 6 sinks.w")]
    public void A_bad_setting_of_the_whole_is_one_fault(string setting, string expected) =>
        Assert.Equal([expected], Bindings.FaultsOf(Bindings.Head + Bindings.Source + setting));

    [Fact]
    public void Two_sources_with_one_prefix_or_one_slot_are_refused()
    {
        var faults = Bindings.FaultsOf(Bindings.Head + """
            sources:
              a: { postgres: { host: db, database: x, user: u }, topicPrefix: p }
              b: { postgres: { host: DB, database: y, user: u, slot: a }, topicPrefix: p }
              c: { postgres: { host: other, database: y, user: u, slot: a } }
            """);

        Assert.Equal(["1009 5 sources.b.postgres.slot", "1009 5 sources.b.topicPrefix"], faults);
    }

    [Fact]
    public void Kafka_as_the_log_comes_later() =>
        Assert.Equal(["1008 2 log.kafka"], Bindings.FaultsOf("name: a\nlog: { kafka: { bootstrapServers: k } }\n" + Bindings.Source));

    [Theory]
    [InlineData("htpp: { }", "did you mean 'http'")]
    [InlineData("Sinks: { }", "did you mean 'sinks'")]
    [InlineData("topcis: { }", "did you mean 'topics'")]
    public void An_unknown_key_names_the_nearest_known_one(string setting, string expected) =>
        Assert.Contains(expected, Bindings.MessageOf(Bindings.Head + Bindings.Source + setting), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_key_that_is_near_to_none_lists_them_all()
    {
        var message = Bindings.MessageOf(Bindings.Head + Bindings.Source + "speed: 1");

        Assert.DoesNotContain("did you mean", message, StringComparison.Ordinal);
        Assert.Contains("expected one of name, log, registry, topics, sources, sinks, http", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_says_what_was_given_and_what_is_expected() =>
        Assert.Equal("'70000' is out of range; expected a whole number from 0 to 65535.",
            Bindings.MessageOf(Bindings.Head + Bindings.Source + "http: { port: 70000 }"));

    // Invariant 8
    [Fact]
    public void Neither_a_literal_secret_nor_what_a_reference_stands_for_is_shown()
    {
        var exception = Assert.Throws<ConfigurationException>(() => Bindings.Bind(Bindings.Head + """
            sources:
              a: { postgres: { host: h, database: d, user: u, password: "hunter\0two", port: "${env:SET_PORT}", slot: "${env:SET_SLOT}" } }
            """));

        Assert.Equal(3, exception.Faults.Count);
        Assert.DoesNotContain("hunter", exception.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("value of", exception.Describe(), StringComparison.Ordinal);
        Assert.Contains("'${env:SET_PORT}'", exception.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_are_printed_as_aligned_lines()
    {
        var exception = new ConfigurationException("a.yaml",
        [
            new Fault(ErrorCodes.KeyUnknown, 7, "sources.shop", "One."), new Fault(ErrorCodes.KeyMissing, 12, "http", "Two."),
        ]);

        Assert.Equal("a.yaml:7:  sources.shop: One. (CDC-1003)\na.yaml:12: http:         Two. (CDC-1004)\n", exception.Describe());
    }
}
