using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Tests.Embedded;

public sealed class RetentionTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly ShiftedTime time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Retention_by_bytes_removes_whole_oldest_segments()
    {
        await using var log = Open(new() { Path = folder.Path, SegmentBytes = 4096, RetentionBytes = 20_000, RetentionAge = null });
        await using var writer = await JournalSample.OpenWriterAsync(log);
        for (var i = 0; i < 400; i++)
        {
            await JournalSample.AppendAsync(writer, i);
            await JournalSample.AfterRetentionAsync(log);
            Assert.InRange(folder.Segments.Sum(file => new FileInfo(file).Length), 0, 20_000 + 8192);
        }

        var bounds = (await log.DescribeTopicsAsync(_ => true, CancellationToken.None))[0].Partitions[0];
        Assert.Equal(800, bounds.NextOffset);
        Assert.InRange(bounds.FirstOffset, 500, 790);
        Assert.Equal(bounds.NextOffset - bounds.FirstOffset,
            (await log.ReadAllAsync(new TopicOffset(JournalSample.Topic, 0, bounds.FirstOffset))).Count);
    }

    [Fact]
    public async Task Retention_by_age_keeps_what_is_younger_and_the_newest_segment()
    {
        await using var log = Open(new() { Path = folder.Path, SegmentBytes = 4096, RetentionAge = TimeSpan.FromHours(10) });
        await using var writer = await JournalSample.OpenWriterAsync(log);
        for (var hour = 0; hour < 40; hour++)
        {
            for (var i = 0; i < 15; i++)
                await JournalSample.AppendAsync(writer, hour);
            time.Shift(TimeSpan.FromHours(1));
        }

        await JournalSample.AfterRetentionAsync(log);
        var kept = await log.ReadAllAsync(
            new TopicOffset(JournalSample.Topic, 1,
                (await log.DescribeTopicsAsync(_ => true, CancellationToken.None))[0].Partitions[1].FirstOffset));
        var oldest = int.Parse(kept[0].Value![1..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(oldest, 20, 30);
        Assert.Equal("b39", kept[^1].Value);
    }

    [Fact]
    public async Task Retention_is_enforced_at_opening_and_state_of_removed_segments_is_kept()
    {
        var options = new EmbeddedLogOptions { Path = folder.Path, SegmentBytes = 4096, RetentionAge = TimeSpan.FromHours(10) };
        string id;
        await using (var log = Open(options))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            await writer.NoteAsync(new CheckpointEntry("from the first segment", "kept"));
            for (var i = 0; i < 100; i++)
                await JournalSample.AppendAsync(writer, i);
            id = (await log.DescribeTopicsAsync(_ => true, CancellationToken.None))[0].TopicId;
        }

        Assert.True(folder.Segments.Length > 2);
        time.Shift(TimeSpan.FromHours(11));
        await using (var log = Open(options))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            await JournalSample.AppendAsync(writer, 0);
            Assert.True(folder.Segments.Length > 2); // Time in which nothing ran counts for half of the retention.
            time.Shift(TimeSpan.FromMinutes(1)); // Twice the half is no more than the whole.
            await JournalSample.AppendAsync(writer, 1);
        }

        time.Shift(TimeSpan.FromHours(11));
        await using var again = Open(options);
        Assert.InRange(folder.Segments.Length, 1, 2); // The append in between may have begun a segment.
        var topic = (await again.DescribeTopicsAsync(_ => true, CancellationToken.None))[0];
        Assert.Equal((id, 204L), (topic.TopicId, topic.Partitions[0].NextOffset));
        Assert.InRange(topic.Partitions[0].FirstOffset, 1, 203);
        Assert.Equal("kept", (await again.ReadCheckpointAsync(JournalSample.Prefix, CancellationToken.None))["from the first segment"]);
    }

    [Theory]
    [InlineData(24 * 365)]
    [InlineData(-24 * 365)]
    public async Task A_clock_that_jumps_removes_nothing_that_is_young_and_holds_nothing_up(int hours)
    {
        var options = new EmbeddedLogOptions { Path = folder.Path, SegmentBytes = 4096, RetentionAge = TimeSpan.FromDays(7) };
        await using (var log = Open(options))
        {
            await FillAsync(log);
            time.Jump(TimeSpan.FromHours(hours));
            await FillAsync(log);
            Assert.Equal(0, await FirstOffsetAsync(log));
        }

        for (var start = 0; start < 10; start++)
        {
            await using var again = Open(options);
            await FillAsync(again);
            Assert.Equal(0, await FirstOffsetAsync(again)); // The clock is still wrong.
        }

        time.Jump(TimeSpan.FromHours(-hours));
        await using (var log = Open(options))
        {
            await FillAsync(log);
            Assert.Equal(0, await FirstOffsetAsync(log));
            time.Shift(TimeSpan.FromDays(8));
            await FillAsync(log);
            Assert.NotEqual(0, await FirstOffsetAsync(log));
        }
    }

    [Fact]
    public async Task A_jump_while_nothing_runs_removes_nothing_that_is_young()
    {
        var options = new EmbeddedLogOptions { Path = folder.Path, SegmentBytes = 4096, RetentionAge = TimeSpan.FromDays(7) };
        await using (var log = Open(options))
            await FillAsync(log);
        time.Jump(TimeSpan.FromDays(4000));
        for (var start = 0; start < 10; start++)
        {
            await using var again = Open(options);
            Assert.Equal(0, await FirstOffsetAsync(again));
            await FillAsync(again);
        }
    }

    [Fact]
    public async Task Record_larger_than_a_segment_is_kept_whole()
    {
        await using var log = Open(new() { Path = folder.Path, SegmentBytes = 4096 });
        await using var writer = await JournalSample.OpenWriterAsync(log);
        var large = new string('x', 20_000_000);
        await writer.AppendAsync(JournalSample.Topic, 0, ["before", large, "after"]);
        await writer.AppendAsync(JournalSample.Topic, 0, ["next"]);
        var read = await log.ReadAllAsync(new TopicOffset(JournalSample.Topic, 0, 0));
        Assert.Equal([6, large.Length, 5, 4], read.Select(record => record.Value!.Length));
    }

    private static async Task FillAsync(EmbeddedLog log)
    {
        await using var writer = await JournalSample.OpenWriterAsync(log);
        for (var i = 0; i < 100; i++)
            await JournalSample.AppendAsync(writer, i);
        await JournalSample.AfterRetentionAsync(log);
    }

    private static async Task<long> FirstOffsetAsync(
        EmbeddedLog log) => (await log.DescribeTopicsAsync(_ => true, CancellationToken.None))[0].Partitions[0].FirstOffset;

    private EmbeddedLog Open(EmbeddedLogOptions options) => EmbeddedLog.Open(options, time, new TestStorage());
}
