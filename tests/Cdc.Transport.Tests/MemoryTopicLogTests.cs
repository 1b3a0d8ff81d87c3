using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Transport.Tests;

public sealed class MemoryTopicLogConformance() : TopicLogConformance(new MemoryTopicLogHarness(hasMarkers: false));

public sealed class MarkedTopicLogConformance() : TopicLogConformance(new MemoryTopicLogHarness(hasMarkers: true));

public sealed class MemoryTopicLogHarness(bool hasMarkers) : TopicLogHarness
{
    private readonly MemoryTopicLog log = new() { HasMarkers = hasMarkers };

    public override ITopicLog Log => log;

    public override int Markers => hasMarkers ? 1 : 0;

    public override Task ReopenAsync() => Task.CompletedTask;

    public override async Task ForgetAllAsync()
    {
        foreach (var topic in await log.DescribeTopicsAsync(_ => true, CancellationToken.None))
        {
            foreach (var partition in topic.Partitions)
                log.ForgetBefore(new TopicOffset(topic.Topic, partition.Partition, partition.NextOffset));
        }
    }

    public override ValueTask DisposeAsync() => log.DisposeAsync();
}

public sealed class MemoryTopicLogTests
{
    [Fact]
    public async Task Topic_made_again_is_empty_and_has_another_identity()
    {
        await using var log = new MemoryTopicLog();
        await using var writer = await log.OpenWriterAsync("p", CancellationToken.None);
        var before = await writer.EnsureTopicAsync("t", 1, CancellationToken.None);
        await writer.AppendAsync("t", 0, ["a", "b"]);
        log.Recreate("t");
        var after = await writer.EnsureTopicAsync("t", 1, CancellationToken.None);
        Assert.NotEqual(before.TopicId, after.TopicId);
        Assert.Empty(await log.ReadAllAsync(new TopicOffset("t", 0, 0)));
        await writer.AppendAsync("t", 0, ["c"]);
        Assert.Equal(["c"], (await log.ReadAllAsync(new TopicOffset("t", 0, 0))).Select(record => record.Value));
    }

    [Fact]
    public async Task Append_that_shall_fail_leaves_nothing()
    {
        await using var log = new MemoryTopicLog();
        await using var writer = await log.OpenWriterAsync("p", CancellationToken.None);
        await writer.EnsureTopicAsync("t", 1, CancellationToken.None);
        log.FailNextAppend(new CdcException(ErrorCodes.LogStorageFailed, "The disk is gone."));
        await Assert.ThrowsAsync<CdcException>(() => writer.AppendAsync("t", 0, ["a"], new CheckpointEntry("k", "v")));
        Assert.Empty(await log.ReadAllAsync(new TopicOffset("t", 0, 0)));
        Assert.True((await log.ReadCheckpointAsync("p", CancellationToken.None)).IsEmpty);
    }
}
