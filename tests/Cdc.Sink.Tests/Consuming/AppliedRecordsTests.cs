using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;
using Cdc.Testing;

namespace Cdc.Sink.Tests.Consuming;

public sealed class AppliedRecordsTests
{
    private static readonly TopicPartition Partition = new("shop.t", 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Invariant 6
    [Fact]
    public async Task Another_record_in_the_place_of_the_last_one_shows_another_history()
    {
        await using var log = await LogAsync("a", "b", "c");
        await using var other = await LogAsync("a", "x", "c", "d");
        var mark = (await new AppliedRecords(log).MarksAsync([new TopicOffset(Partition.Topic, 0, 1)], Token))[Partition];

        Assert.True(await FindAsync(log, mark, 2));
        Assert.False(await FindAsync(other, mark, 2));
        Assert.False(await FindAsync(log, mark, 9));
        Assert.True(await FindAsync(other, null, 0));
        Assert.Null(await FindAsync(other, null, 2));
        Assert.Empty(await new AppliedRecords(log).MarksAsync([new TopicOffset(Partition.Topic, 0, 8)], Token));
    }

    [Fact]
    public void Mark_of_a_record_survives_as_text()
    {
        var mark = new RecordMark(long.MaxValue, 0x00abcdef);

        Assert.Equal(mark, RecordMark.Parse(mark.ToString()));
        foreach (var text in (string[])["", "1", "1:", ":1", "-1:1", "1:x", "1:123456789"])
            Assert.Equal(ErrorCodes.LedgerUnreadable, Assert.Throws<CdcException>(() => RecordMark.Parse(text)).Code);
    }

    private static async Task<bool?> FindAsync(MemoryTopicLog log, RecordMark? mark, long next)
    {
        var topics = await log.DescribeTopicsAsync(_ => true, Token);
        var entry = new LedgerEntry("s", Partition, topics[0].TopicId, next, 0, null, 0) { Last = mark };
        return (await new AppliedRecords(log).FindAsync([.. topics], [entry], Token)).TryGetValue(Partition, out var held) ? held : null;
    }

    private static async Task<MemoryTopicLog> LogAsync(params string[] values)
    {
        var log = new MemoryTopicLog();
        await using var writer = await log.OpenWriterAsync("shop", Token);
        await writer.EnsureTopicAsync(Partition.Topic, 1, Token);
        var partitions = new PartitionTable();
        using var batch = new RecordBatch(partitions);
        foreach (var value in values)
        {
            batch.BeginRecord(partitions.Add(Partition));
            batch.EndKey(isNull: true);
            batch.Buffer.Write(System.Text.Encoding.UTF8.GetBytes(value));
            batch.EndValue();
            batch.EndRecord();
        }

        await writer.AppendAsync(batch, _ => [], Token);
        return log;
    }
}
