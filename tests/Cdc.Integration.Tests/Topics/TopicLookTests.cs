using Cdc.Cli.Topics;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Control.Commands;
using Cdc.Testing;
using Cdc.Transport.Registry;

namespace Cdc.Integration.Tests.Topics;

/// <summary>A look goes beside a log that changes meanwhile.</summary>
public sealed class TopicLookTests
{
    private const string Topic = "shop.public.orders";

    [Fact]
    public async Task Topics_are_listed_also_where_retention_takes_their_records_meanwhile()
    {
        await using var log = new MemoryTopicLog();
        await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
        await writer.EnsureTopicAsync(Topic, 1, CancellationToken.None);
        using var batch = new RecordBatch(new PartitionTable());
        for (var i = 0; i < 3; i++)
        {
            batch.BeginRecord(batch.Partitions.Add(new TopicPartition(Topic, 0)));
            batch.EndKey(isNull: true);
            batch.EndValue(isNull: true);
            batch.EndRecord();
        }

        await writer.AppendAsync(batch, _ => [], CancellationToken.None);
        using var folder = new TemporaryFolder();
        var look = new TopicLook(new ShrinkingLog(log), EmbeddedSchemaView.Read(folder.Path));

        var listed = Assert.Single((await look.ListAsync(new TopicsArguments(WantedTimes.Last), CancellationToken.None)).Topics);

        Assert.Equal((Topic, new ListedPartition(0, 0, 3)), (listed.Topic, listed.Partitions.Single()));
        var error = await Assert.ThrowsAsync<CdcException>(() =>
            look.ReadAsync(new EventsArguments(Topic, [new PartitionPlace(0, 0)], 1), CancellationToken.None));
        Assert.Equal(ErrorCodes.OffsetNoLongerHeld, error.Code);
    }

    /// <summary>Its records are gone when they are to be read.</summary>
    private sealed class ShrinkingLog(MemoryTopicLog memory) : WrappedLog(memory)
    {
        private readonly MemoryTopicLog shrinking = memory;

        public override ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken)
        {
            shrinking.ForgetBefore(new TopicOffset(Topic, 0, 3));
            return base.OpenReaderAsync(from, cancellationToken);
        }
    }
}
