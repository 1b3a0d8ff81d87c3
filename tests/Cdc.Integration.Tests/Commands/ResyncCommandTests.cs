using System.Text.Json.Nodes;
using Cdc.Capture.Requests;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Integration.Tests.Commands;

public sealed class ResyncCommandTests
{
    private const string Two = """
        name: shop
        log: { embedded: { path: ./log } }
        sources:
          shop: { postgres: { host: db, database: shop, user: cdc } }
          other: { postgres: { host: db, database: other, user: cdc }, snapshot: { mode: never }, tables: [ "public.*", "!public.tmp" ] }
        http: { port: 0 }
        """;

    [Fact]
    public async Task A_process_that_runs_is_asked()
    {
        using var folder = new ConfigurationFolder();
        Called? people = null;
        Called? programs = null;
        FakeInstallation? pipeline = null;
        pipeline = new FakeInstallation(async (_, _) =>
        {
            people = await Called.WithAsync("resync", folder.File, "public.order*", "!public.orders_old", "--source", "shop");
            Assert.Equal(("shop", "public.order*,!public.orders_old"), (pipeline!.Order!.Source, string.Join(',', pipeline.Order.Tables)));
            programs = await Called.WithAsync("resync", folder.File, "--all", "--output", "json");
            Assert.Equal((null, "*"), (pipeline.Order.Source, pipeline.Order.Tables.Single()));
        });

        var run = await Called.WithAsync(pipeline.OpenAsync, "run", folder.File);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal((0, ""), (people!.Code, people.Error));
        Assert.StartsWith("Source 'shop' reads 2 tables again: public.orders, public.order_lines.\n", people.Out, StringComparison.Ordinal);
        var json = JsonNode.Parse(programs!.Out)!;
        Assert.Equal((true, "shop", "1f"),
            ((bool)json["running"]!, (string?)json["requests"]![0]!["source"], (string?)json["requests"]![0]!["id"]));
    }

    [Fact]
    public async Task Where_none_runs_the_request_waits_in_the_log()
    {
        using var folder = new ConfigurationFolder(Two);
        await NoteAsync(folder, "shop", "public.orders", "public.customers");

        var some = await Called.WithAsync("resync", folder.File, "public.o*");
        var all = await Called.WithAsync("resync", folder.File, "--all", "--source", "other", "--output", "json");
        var unread = await Called.WithAsync("resync", folder.File, "public.events", "--source", "other");

        Assert.Equal((0, ""), (some.Code, some.Error));
        Assert.Equal(
            "Source 'shop' reads 1 table again: public.orders.\nSource 'other' reads the tables again.\nNothing runs: the next 'cdc " +
            $"run {folder.File}' does it.\n", some.Out);
        Assert.Equal((0, false), (all.Code, (bool)JsonNode.Parse(all.Out)!["running"]!));
        Assert.Equal(0, unread.Code);
        await using var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        var (shop, next) = await new ResyncRequests(log, "shop").ReadAsync(0, CancellationToken.None);
        Assert.Equal((1, "public.o*", false), (next, shop.Single().Tables.Single(), shop.Single().CoversAll));
        var (other, _) = await new ResyncRequests(log, "other").ReadAsync(0, CancellationToken.None);
        Assert.Equal([false, true, false], other.Select(request => request.CoversAll));
    }

    [Theory]
    [InlineData("CDC-2066", "public.missing", "--source", "shop")]
    [InlineData("CDC-2066", "public.orders", "public.missing", "--source", "shop")]
    [InlineData("CDC-2066", "orders")]
    [InlineData("CDC-2066", "!public.orders")]
    [InlineData("CDC-2066", "public.orders", "--source", "elsewhere")]
    [InlineData("CDC-2066", "public.tmp", "--source", "other")]
    [InlineData("CDC-1030")]
    [InlineData("CDC-1030", "public.orders", "--all")]
    public async Task What_means_no_table_is_refused_and_leaves_nothing(string code, params string[] arguments)
    {
        using var folder = new ConfigurationFolder(Two);
        await NoteAsync(folder, "shop", "public.orders");

        var called = await Called.WithAsync(["resync", folder.File, .. arguments]);

        Assert.Equal((2, ""), (called.Code, called.Out));
        Assert.StartsWith(code + " ", called.Error, StringComparison.Ordinal);
        await using var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        foreach (var prefix in (string[])["shop", "other"])
            Assert.Empty((await new ResyncRequests(log, prefix).ReadAsync(0, CancellationToken.None)).Requests);
    }

    [Fact]
    public async Task Nothing_is_made_where_nothing_was_captured()
    {
        using var folder = new ConfigurationFolder();

        var called = await Called.WithAsync("resync", folder.File, "--all");

        Assert.Equal(2, called.Code);
        Assert.StartsWith("CDC-2066 ", called.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.LogFolder));
    }

    // Invariant 6
    [Fact]
    public async Task A_damaged_journal_is_set_aside_only_where_everything_is_read_again()
    {
        using var folder = new ConfigurationFolder();
        await NoteAsync(folder, "shop", "public.orders");
        await NoteAsync(folder, "shop", "public.customers");
        var journal = Directory.GetFiles(folder.LogFolder, "journal-*").Single();
        var bytes = await File.ReadAllBytesAsync(journal);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(journal, bytes);

        foreach (var arguments in (string[][])[["public.orders"], ["--all", "--source", "shop"]])
        {
            var refused = await Called.WithAsync(["resync", folder.File, .. arguments]);
            Assert.Equal(3, refused.Code);
            Assert.StartsWith("CDC-3004 ", refused.Error, StringComparison.Ordinal);
            Assert.Equal(bytes, await File.ReadAllBytesAsync(journal));
        }

        var done = await Called.WithAsync("resync", folder.File, "--all");

        Assert.Equal(0, done.Code);
        Assert.Contains("was set aside in", done.Error, StringComparison.Ordinal);
        var aside = Directory.GetDirectories(folder.LogFolder, "damaged-*").Single();
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(aside, Path.GetFileName(journal))));
        await using var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        Assert.True((await new ResyncRequests(log, "shop").ReadAsync(0, CancellationToken.None)).Requests.Single().CoversAll);
        Assert.True((await log.ReadCheckpointAsync("shop", CancellationToken.None)).IsEmpty);
    }

    [Fact]
    public async Task A_log_that_another_process_has_is_left_alone()
    {
        using var folder = new ConfigurationFolder();
        await using var held = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);

        var called = await Called.WithAsync("resync", folder.File, "--all");

        Assert.Equal(3, called.Code);
        Assert.StartsWith("CDC-3002 ", called.Error, StringComparison.Ordinal);
    }

    /// <summary>A log whose checkpoint knows these tables.</summary>
    private static async Task NoteAsync(ConfigurationFolder folder, string prefix, params string[] tables)
    {
        await using var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        await using var writer = await log.OpenWriterAsync(prefix, CancellationToken.None);
        using var nothing = new RecordBatch(new PartitionTable());
        var entries = tables.Select(table => new CheckpointEntry("table/" + table, new JsonObject
        {
            ["Schema"] = table.Split('.')[0], ["Table"] = table.Split('.')[1], ["State"] = "Complete", ["SnapshotId"] = "a",
            ["Reason"] = "first",
        }.ToJsonString())).ToList();
        await writer.AppendAsync(nothing, _ => entries, CancellationToken.None);
    }
}
