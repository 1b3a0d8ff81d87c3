using System.Text;
using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Requests;

public sealed class ResyncRequestsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_come_in_order_and_each_once()
    {
        await using var log = new MemoryTopicLog();
        var topic = new ResyncRequests(log, "shop");
        Assert.Equal((0, 0), await CountAsync(topic, 0));
        await topic.SendAsync(ResyncRequest.For(["public.a", "public.b*"]), Token);
        await topic.SendAsync(ResyncRequest.For(["*"]), Token);

        var (requests, next) = await topic.ReadAsync(0, Token);

        Assert.Equal(["public.a,public.b*", "*"], requests.Select(request => string.Join(',', request.Tables)));
        Assert.Equal([false, true], requests.Select(request => request.CoversAll));
        var entry = ResyncRequests.TakenUpTo(next);
        Assert.Equal(2, ResyncRequests.StartOf(new Checkpoint([new(entry.Key, entry.Value!)])));
        Assert.Equal((0, 2), await CountAsync(topic, next));
        await topic.SendAsync(ResyncRequest.For(["public.c"]), Token);
        Assert.Equal((1, 3), await CountAsync(topic, next));
        Assert.Equal((0, 0), await CountAsync(new ResyncRequests(log, "shop2"), 0));
    }

    [Fact]
    public async Task What_was_taken_up_is_cleared_away_by_the_next_request_and_nothing_else()
    {
        await using var log = new MemoryTopicLog();
        var topic = new ResyncRequests(log, "shop");
        await topic.SendAsync(ResyncRequest.For(["public.a"]), Token);
        await topic.SendAsync(ResyncRequest.For(["public.b"]), Token);
        await using (var writer = await log.OpenWriterAsync("shop", Token))
        {
            using var nothing = new RecordBatch(new PartitionTable());
            await writer.AppendAsync(nothing, _ => [ResyncRequests.TakenUpTo(1)], Token);
        }

        await topic.SendAsync(ResyncRequest.For(["public.c"]), Token);

        var (requests, next) = await topic.ReadAsync(0, Token);
        Assert.Equal(["public.b", "public.c"], requests.Select(request => request.Tables.Single()));
        Assert.Equal(3, next);
    }

    [Fact]
    public void All_tables_are_covered_only_where_none_is_left_out()
    {
        Assert.True(ResyncRequest.For(["public.a", "*"]).CoversAll);
        Assert.False(ResyncRequest.For(["*", "!public.a"]).CoversAll);
        Assert.False(ResyncRequest.For(["public.*"]).CoversAll);
    }

    // Invariant 4
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Id":"a"}""")]
    [InlineData("""{"Id":"a","Tables":[]}""")]
    [InlineData("""{"Id":"a","Tables":[null]}""")]
    [InlineData("""{"Id":"a","Tables":"b"}""")]
    [InlineData("""{"Tables":["b"]}""")]
    public void What_is_no_request_is_refused(string text) =>
        Assert.Equal(ErrorCodes.RequestUnreadable,
            Assert.Throws<CdcException>(() => ResyncRequest.Decode(Encoding.UTF8.GetBytes(text))).Code);

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public void Checkpoint_that_is_not_understood_is_refused(string text) =>
        Assert.Equal(ErrorCodes.CheckpointUnreadable,
            Assert.Throws<CdcException>(() => ResyncRequests.StartOf(new Checkpoint([new("requests", text)]))).Code);

    private static async Task<(int Count, long Next)> CountAsync(ResyncRequests topic, long from)
    {
        var (requests, next) = await topic.ReadAsync(from, Token);
        return (requests.Count, next);
    }
}
