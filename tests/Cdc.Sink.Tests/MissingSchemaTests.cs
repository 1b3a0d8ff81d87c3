using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Sink.Tests;

public sealed class MissingSchemaTests
{
    private static readonly TopicPartition Ill = new("shop.ill", 0);
    private static readonly TopicPartition Well = new("shop.well", 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_whose_schema_the_registry_does_not_have_stops_its_topic_alone_and_is_tried_again()
    {
        await using var log = new MemoryTopicLog();
        await AppendAsync(log);
        var registry = new ForgetfulRegistry();
        var options = new SinkOptions { Name = "warehouse", Retry = new RetryOptions { Longest = TimeSpan.FromSeconds(1) } };
        var role = new SinkRole(options, log, registry, () => new EmptyTarget(_ => Task.CompletedTask), TimeProvider.System,
            NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = role.RunAsync(stop.Token);

        await Eventually.HoldsAsync("one topic stands still", () => role.Progress.TroubleOf(Ill.Topic)?.Code == ErrorCodes.SchemaUnknown);
        Assert.NotNull(role.Progress.NextTryOf(Ill.Topic));
        await Eventually.HoldsAsync("the other one is applied", () => role.Progress.Partitions.TryGetValue(Well, out var entry)
            && entry.NextOffset == 1);
        await Eventually.HoldsAsync("it is asked for again", () => registry.Asked > 2 || running.IsCompleted);
        Assert.Equal(0, role.Progress.Partitions[Ill].NextOffset);
        await stop.CancelAsync();
        await running;
    }

    private static async Task AppendAsync(MemoryTopicLog log)
    {
        await using var writer = await log.OpenWriterAsync("shop", Token);
        var partitions = new PartitionTable();
        using var batch = new RecordBatch(partitions);
        foreach (var partition in (TopicPartition[])[Ill, Well])
        {
            await writer.EnsureTopicAsync(partition.Topic, 1, Token);
            batch.BeginRecord(partitions.Add(partition));
            batch.EndKey(isNull: true);
            if (partition == Ill)
                batch.Buffer.Write([0, 0, 0, 0, 9, 1]);
            batch.EndValue(isNull: partition != Ill);
            batch.EndRecord();
        }

        await writer.AppendAsync(batch, _ => [], Token);
    }

    private sealed class ForgetfulRegistry : ISchemaRegistry
    {
        private int asked;

        public int Asked => Volatile.Read(ref asked);

        public ValueTask<int> RegisterAsync(string subject, string schemaText, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<string?> LatestAsync(string subject, CancellationToken cancellationToken) => new((string?)null);

        public ValueTask<string> GetAsync(int id, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            throw new CdcException(ErrorCodes.SchemaUnknown,
                FormattableString.Invariant($"Asking the registry for schema {id}, it was not found."));
        }
    }
}
