using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Cdc.Cli;
using Cdc.Cli.Output;
using Cdc.Cli.Running;
using Cdc.Cli.Topics;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;

namespace Cdc.Integration.Tests.Commands;

/// <summary><c>cdc topics</c> over what a real capture wrote.</summary>
public sealed class TopicsCommandTests
{
    private static readonly string Hostile = "\e[31mred\r\n\u0085\u202Etxt\tend";

    [Fact]
    public async Task What_was_captured_is_shown_and_the_log_stays_as_it_is()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync($"""
            CREATE TABLE orders (id int PRIMARY KEY, total numeric(10,2), note text, big text);
            ALTER TABLE orders ALTER big SET STORAGE EXTERNAL;
            CREATE TABLE "Bücher.neu" ("Nr." int PRIMARY KEY, "a b" text);
            CREATE TABLE "{Hostile.Replace("\0", "", StringComparison.Ordinal)}" (id int PRIMARY KEY);
            INSERT INTO orders VALUES (1, 12.3, 'Anna, Graz', repeat('x', 5000)), (2, 5, E'\x1b[31mred', NULL);
            INSERT INTO "Bücher.neu" VALUES (7, 'ü');
            """, "source");
        using var folder = Folder(server);
        Assert.Equal((0, ""), await RunAsync(folder));
        await server.ExecuteAsync(
            "UPDATE orders SET total = 13 WHERE id = 1; UPDATE orders SET id = 3 WHERE id = 2; DELETE FROM orders " +
            "WHERE id = 3; TRUNCATE orders", "source");
        Assert.Equal((0, ""), await RunAsync(folder));
        var before = Digest(folder.LogFolder);

        await AssertListedAsync(folder.File);

        var shown = await Called.WithAsync("topics", folder.File, "public.orders");
        Assert.Equal((0, ""), (shown.Code, shown.Error));
        AssertPlain(shown.Out);
        Assert.StartsWith("Topic shop.public.orders, table public.orders: 9 records, offsets 0 to 8.\n", shown.Out,
            StringComparison.Ordinal);
        Assert.Contains("partition 0  offset 0  read (first)  20", shown.Out, StringComparison.Ordinal);
        Assert.Contains("  key     id: 1\n  after   id: 1, total: 12.30, note: 'Anna, Graz', big: xxx", shown.Out,
            StringComparison.Ordinal);
        Assert.Contains(@"note: '\u001B[31mred', big: null", shown.Out, StringComparison.Ordinal);
        Assert.Contains("partition 0  offset 2  update  20", shown.Out, StringComparison.Ordinal);
        Assert.Contains("  after   id: 1, total: 13.00, note: 'Anna, Graz', big: (unchanged)\n", shown.Out, StringComparison.Ordinal);
        Assert.Contains("partition 0  offset 4  tombstone\n  key     id: 2\n", shown.Out, StringComparison.Ordinal);
        Assert.Contains("partition 0  offset 6  delete  20", shown.Out, StringComparison.Ordinal);
        Assert.Contains("  key     id: 3\n  before  id: 3\n", shown.Out, StringComparison.Ordinal);
        Assert.Contains("partition 0  offset 8  truncate  20", shown.Out, StringComparison.Ordinal);

        var watched = await WatchedAsync("topics", folder.File, "shop.public.orders", "--from", "0", "--limit", "1");
        Assert.Contains(new string('x', 100) + "… (5,000 characters)\n", watched, StringComparison.Ordinal);
        Assert.DoesNotContain("offset 1  ", watched, StringComparison.Ordinal);

        foreach (var name in (string[])["public.Bücher.neu", "shop.public.Bücher.neu", "shop.public.B_u00FC_cher_u002E_neu"])
            Assert.Contains("  after   Nr.: 7, a b: ü\n", (await Called.WithAsync("topics", folder.File, name)).Out,
                StringComparison.Ordinal);

        var json = await JsonAsync("topics", folder.File, "shop.public.orders", "--limit", "4", "--output", "json");
        Assert.Equal([5, 6, 7, 8], json.Select(line => (int)line["offset"]!));
        Assert.Equal(["insert", "delete", "tombstone", "truncate"], json.Select(line => (string)line["op"]!));
        Assert.Equal((3, "5.00"), ((int)json[0]["key"]!["id"]!, (string)json[0]["after"]!["total"]!));
        var first = Assert.Single(
            await JsonAsync("topics", folder.File, "public.orders", "--from", "0", "--limit", "1", "--output", "json"));
        Assert.Equal((5000, "first"), (((string)first["after"]!["big"]!).Length, (string)first["reason"]!));

        Assert.Equal(before, Digest(folder.LogFolder));
    }

    private static async Task AssertListedAsync(string file)
    {
        var list = await Called.WithAsync("topics", file);
        Assert.Equal((0, ""), (list.Code, list.Error));
        AssertPlain(list.Out);
        var lines = list.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("topic ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("shop.public.orders ", StringComparison.Ordinal)
            && line.Contains(" public.orders ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(@"\u001B[31mred\r\n\u0085\u202Etxt\tend", StringComparison.Ordinal));
        Assert.All(lines.Skip(1), line =>
            Assert.Equal(lines[0].IndexOf("table", StringComparison.Ordinal), line.LastIndexOf("  public.", StringComparison.Ordinal) + 2));
    }

    [Fact]
    public async Task The_process_that_runs_is_asked_and_partitions_keep_their_own_offsets()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 3000)", "source");
        using var folder = Folder(server, "topics: { partitions: 3 }");
        Assert.Equal((0, ""), await RunAsync(folder));
        Called? list = null, tail = null, refused = null;
        List<JsonNode> all = [], one = [];
        var pipeline = new FakeInstallation(async (_, _) =>
        {
            list = await Called.WithAsync("topics", folder.File);
            tail = await Called.WithAsync("topics", folder.File, "public.orders", "--limit", "7");
            refused = await Called.WithAsync("topics", folder.File, "public.orders", "--from", "5");
            all = await JsonAsync("topics", folder.File, "public.orders", "--limit", "5000", "--output", "json");
            one = await JsonAsync("topics", folder.File, "public.orders", "--partition", "1", "--from", "5", "--limit", "2500", "--output",
                "json");
        });
        await using var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(folder.LogFolder);
        pipeline.Look = () => new TopicLook(log, registry);

        Assert.Equal(0, (await Called.WithAsync(pipeline.OpenAsync, "run", folder.File)).Code);

        Assert.Equal((0, ""), (list!.Code, list.Error));
        Assert.Contains("\n  partition 2 ", list.Out, StringComparison.Ordinal);
        Assert.Contains(" 3,000 ", list.Out, StringComparison.Ordinal);
        Assert.Equal(7, tail!.Out.Split("read (first)").Length - 1);
        Assert.Equal(2, refused!.Code);
        Assert.StartsWith("CDC-1041 ", refused.Error, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 3000), all.Select(line => (int)line["key"]!["id"]!).Order());
        Assert.Equal(all.Where(line => (int)line["partition"]! == 1).Skip(5).Select(line => line.ToJsonString()),
            one.Select(line => line.ToJsonString()));

        var silent = await Called.WithAsync("topics", folder.File);
        Assert.Equal(3, silent.Code);
        Assert.StartsWith("CDC-3031 ", silent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_type_is_the_text_that_people_expect()
    {
        (string Type, string Value, string Expected)[] types =
        [
            ("bool", "true", "true"), ("int8", "-9223372036854775808", "-9223372036854775808"), ("float8", "-0.1", "-0.1"),
            ("float8", "NaN", "\"NaN\""),
            ("float4", "1.5", "1.5"), ("numeric(10,2)", "-0.05", "\"-0.05\""), ("numeric(10,2)", "NaN", "\"NaN\""),
            ("numeric", "1e20", "\"100000000000000000000\""),
            ("numeric", "-1e-5", "\"-0.00001\""), ("numeric(60,30)", "0", "\"0.000000000000000000000000000000\""),
            ("money", "-92233720368547758.08", "\"-92233720368547758.08\""),
            ("bytea", @"\x00ff10", @"""\\x00ff10"""), ("date", "2024-02-29", "\"2024-02-29\""),
            ("date", "0044-03-15 BC", "\"-0043-03-15\""),
            ("date", "5874897-12-31", "\"+5874897-12-31\""), ("date", "infinity", "\"infinity\""),
            ("time", "24:00:00", "\"24:00:00.000000\""), ("time(3)", "12:34:56.789", "\"12:34:56.789\""),
            ("timestamp", "1969-12-31 23:59:59.999999", "\"1969-12-31T23:59:59.999999\""),
            ("timestamp(0)", "0044-03-15 12:00:00 BC", "\"-0043-03-15T12:00:00\""),
            ("timestamp", "-infinity", "\"-infinity\""), ("timestamp", "294276-12-31 23:59:59.999999", "\"294276-12-31 23:59:59.999999\""),
            ("timestamptz", "2024-01-02 03:04:05.6+02", "\"2024-01-02T01:04:05.600000Z\""),
            ("timetz", "12:34:56+02", "\"12:34:56.000000+02:00\""),
            ("interval", "1 year -2 days", "\"P1Y-2D\""),
            ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
            ("jsonb", """{"a": [1, "ü"]}""", """
                "{\"a\": [1, \"ü\"]}"
                """), ("bit(12)", "100000000001", "\"100000000001\""), ("point", "(1.5,-2e+20)", "\"(1.5,-2E+20)\""), ("inet", "10.0.0.1/8", "\"10.0.0.1/8\""),
            ("int4[]", "{1,NULL,3}", "[1,null,3]"), ("int4[]", "{{1,2},{3,4}}", "\"{{1,2},{3,4}}\""),
            ("text[]", "{a,\"b, c\"}", "[\"a\",\"b, c\"]"),
            ("numeric(8,3)[]", "{1.5,-2}", "[\"1.500\",\"-2.000\"]"), ("mood", "sad", "\"sad\""), ("text", "", "\"\""),
        ];
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync($"""
            CREATE TYPE mood AS ENUM ('sad');
            CREATE TABLE matrix (id int PRIMARY KEY, {string.Join(", ", types.Select((type, i) => $"{Name(i)} {type.Type}"))});
            INSERT INTO matrix VALUES (1, {string.Join(", ", types.Select(type => $"'{type.Value}'"))});
            """, "source");
        using var folder = Folder(server);
        Assert.Equal((0, ""), await RunAsync(folder));

        var row = Assert.Single(await JsonAsync("topics", folder.File, "public.matrix", "--output", "json"))["after"]!;
        Assert.Equal(types.Select(type => (type.Type, type.Expected.Trim())),
            types.Select((type, i) => (type.Type, row[Name(i)]!.ToJsonString(Readable))));
        AssertPlain((await Called.WithAsync("topics", folder.File, "public.matrix")).Out);
    }

    [Theory]
    [InlineData(3, "CDC-3030")]
    [InlineData(3, "CDC-3030", "public.orders")]
    [InlineData(2, "CDC-1030", "--limit", "5")]
    [InlineData(2, "CDC-1030", "public.orders", "--limit", "0")]
    [InlineData(2, "CDC-1030", "public.orders", "--from", "x")]
    public async Task What_cannot_be_shown_is_refused(int code, string error, params string[] arguments)
    {
        using var folder = new ConfigurationFolder();

        var called = await Called.WithAsync(["topics", folder.File, .. arguments]);

        Assert.Equal((code, ""), (called.Code, called.Out));
        Assert.StartsWith(error + " ", called.Error, StringComparison.Ordinal);
        Assert.Equal([folder.File], Directory.EnumerateFileSystemEntries(folder.Folder));
    }

    [Theory]
    [InlineData("CDC-1040", "public.missing")]
    [InlineData("CDC-1040", "shop.public.ordesr")]
    [InlineData("CDC-1041", "shop.public.orders", "--from", "1")]
    [InlineData("CDC-1041", "shop.public.orders", "--partition", "1")]
    public async Task What_the_log_does_not_have_is_refused_with_what_it_has(string error, params string[] arguments)
    {
        using var folder = new ConfigurationFolder();
        await using (var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System))
        {
            await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
            await writer.EnsureTopicAsync("shop.public.orders", 1, CancellationToken.None);
        }

        var called = await Called.WithAsync(["topics", folder.File, .. arguments]);
        var empty = await Called.WithAsync("topics", folder.File, "shop.public.orders");

        Assert.Equal((2, ""), (called.Code, called.Out));
        Assert.StartsWith(error + " ", called.Error, StringComparison.Ordinal);
        Assert.Contains("shop.public.orders", called.Error, StringComparison.Ordinal);
        Assert.Equal((0, "Topic shop.public.orders: 0 records.\n"), (empty.Code, empty.Out));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_told_and_those_behind_it_are_shown()
    {
        using var folder = new ConfigurationFolder();
        await using (var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System))
        {
            await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
            await writer.EnsureTopicAsync("shop.public.orders", 1, CancellationToken.None);
            using var batch = new RecordBatch(new PartitionTable());
            foreach (var value in (byte[][])[[1, 2, 3], [0, 0, 0, 0, 9, 1]])
            {
                batch.BeginRecord(batch.Partitions.Add(new TopicPartition("shop.public.orders", 0)));
                batch.EndKey(isNull: true);
                batch.Buffer.Write(value);
                batch.EndValue();
                batch.EndRecord();
            }

            await writer.AppendAsync(batch, _ => [], CancellationToken.None);
        }

        var shown = await Called.WithAsync("topics", folder.File, "shop.public.orders");
        var json = await JsonAsync("topics", folder.File, "shop.public.orders", "--output", "json");

        Assert.Equal((0, ""), (shown.Code, shown.Error));
        Assert.Contains("partition 0  offset 0  cannot be read: CDC-4003 ", shown.Out, StringComparison.Ordinal);
        Assert.Contains("partition 0  offset 1  cannot be read: CDC-4011 ", shown.Out, StringComparison.Ordinal);
        Assert.Equal(["CDC-4003", "CDC-4011"], json.Select(line => ((string)line["error"]!)[..8]));
        Assert.Contains(" 2 ", (await Called.WithAsync("topics", folder.File)).Out, StringComparison.Ordinal);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Readable =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static ConfigurationFolder Folder(PostgresServer server, string more = "") => new($$"""
        name: shop
        log: { embedded: { path: ./log } }
        sources: { shop: { postgres: { host: {{PostgresServer.Host}}, port: {{server.Port}}, database: source, user: {{PostgresServer.User}}, create: true } } }
        http: { port: 0 }
        {{more}}
        """);

    private static async Task<(int Code, string Error)> RunAsync(ConfigurationFolder folder)
    {
        var run = await Called.WithAsync("run", folder.File, "--until-caught-up", "--timeout", "2m");
        return (run.Code, run.Error);
    }

    private static async Task<List<JsonNode>> JsonAsync(params string[] arguments)
    {
        var called = await Called.WithAsync(arguments);
        Assert.Equal((0, ""), (called.Code, called.Error));
        return [.. called.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>As a person at a terminal sees it.</summary>
    private static async Task<string> WatchedAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        Assert.Equal(0, await new CommandLine(new Terminal(output, output, IsLive: true), Installation.OpenAsync).RunAsync(arguments));
        return output.ToString();
    }

    private static void AssertPlain(string text) =>
        Assert.DoesNotContain(text, c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format));

    private static string Name(int column) => string.Create(CultureInfo.InvariantCulture, $"c{column}");

    private static List<string> Digest(string folder) =>
        [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}")];
}
