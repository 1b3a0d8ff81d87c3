using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>Two tables whose topics would have one name: the one that had the topic keeps it, and continues.</summary>
public sealed class TopicOwnerTests
{
    private const string Digest = "SELECT count(*) || ' ' || coalesce(sum(id), 0) FROM public.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task First_table_continues_over_restarts_and_the_other_gets_a_name_of_its_own_where_names_are_escaped()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        await server.ExecuteAsync("CREATE TABLE café (id int PRIMARY KEY); INSERT INTO café SELECT generate_series(1, 10)", "source");
        await using (var pipeline = Start(server, folder.Path, TopicSpelling.Underscores))
        {
            await pipeline.UntilEqualAsync(server, Digest + "café");
        }

        for (var restart = 1; restart <= 2; restart++)
        {
            await server.ExecuteAsync(
                "CREATE TABLE IF NOT EXISTS cafä (id int PRIMARY KEY); INSERT INTO cafä SELECT 100 + (SELECT count(*) FROM cafä)",
                "source");
            await using var pipeline = Start(server, folder.Path, TopicSpelling.Underscores);
            await pipeline.UntilStreamingAsync();
            await server.ExecuteAsync($"INSERT INTO cafä VALUES ({restart}); INSERT INTO café VALUES (10 + {restart})", "source");
            await pipeline.UntilEqualAsync(server, Digest + "café");
            await Eventually.HoldsAsync("the other one is refused", () => pipeline.Capture.Progress.Tables.Any(table =>
                table.Key.Name == "cafä" && table.Value.Trouble?.Error.Code == ErrorCodes.TopicShared));
            Assert.Null(pipeline.Capture.Progress.Tables.Single(table => table.Key.Name == "café").Value.Trouble);
        }

        await using var escaped = Start(server, folder.Path, TopicSpelling.Escaped);
        await escaped.UntilStreamingAsync();
        await new Capture.Requests.ResyncRequests(escaped.Log, "shop").SendAsync(Capture.Requests.ResyncRequest.For(["public.cafä"]),
            Token);
        await escaped.UntilEqualAsync(server, Digest + "cafä");
        await server.ExecuteAsync("INSERT INTO café VALUES (50); DELETE FROM cafä WHERE id = 1", "source");
        await escaped.UntilEqualAsync(server, Digest + "cafä");
        await escaped.UntilEqualAsync(server, Digest + "café");
        var topics = (await escaped.Log.DescribeTopicsAsync(_ => true, Token)).Select(topic => topic.Topic).Order(StringComparer.Ordinal);
        Assert.Equal(["shop.public.caf_", "shop.public.caf_u00E4_"], topics);
    }

    [Fact]
    public async Task A_log_from_before_topics_were_noted_keeps_each_tables_topic()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        await server.ExecuteAsync("CREATE TABLE заказы (id int PRIMARY KEY); INSERT INTO заказы SELECT generate_series(1, 10)", "source");
        await using (var pipeline = Start(server, folder.Path, TopicSpelling.Underscores))
        {
            await pipeline.UntilCompleteAsync("shop.public.______", "");
            await ForgetAsync(pipeline.Log);
        }

        await server.ExecuteAsync(
            "CREATE TABLE товары (id int PRIMARY KEY); INSERT INTO товары SELECT generate_series(1, 7); INSERT INTO заказы VALUES (11)",
            "source");
        await using var later = Start(server, folder.Path, TopicSpelling.Escaped);
        await later.UntilEqualAsync(server, Digest + "заказы");
        await later.UntilEqualAsync(server, Digest + "товары");
        var topics = (await later.Log.DescribeTopicsAsync(_ => true, Token)).Select(topic => topic.Topic);
        Assert.Equal(["shop.public.______", "shop.public._u0442__u043E__u0432__u0430__u0440__u044B_"], topics);
    }

    /// <summary>Removes what older versions did not note; ends the capture that writes.</summary>
    private static async Task ForgetAsync(ITopicLog log)
    {
        await using var writer = await log.OpenWriterAsync("shop", Token);
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => [new CheckpointEntry("topic/shop.public.______", null)], Token);
        Assert.Empty(TableTopic.NamesIn(await log.ReadCheckpointAsync("shop", Token)));
    }

    private static RunningPipeline Start(PostgresServer server, string folder, TopicSpelling naming) =>
        RunningPipeline.Start(server, folder, ["public.*"], options => options with { Naming = naming });
}
