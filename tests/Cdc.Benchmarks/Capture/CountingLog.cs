using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Benchmarks.Capture;

/// <summary>A log that tells when so many records are durable in the one inside.</summary>
internal sealed class CountingLog(ITopicLog log, long expected) : WrappedLog(log)
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long count;

    /// <summary>Done at the expected number of records.</summary>
    public Task Reached => reached.Task;

    /// <summary>Durable records so far.</summary>
    public long Count => Interlocked.Read(ref count);

    public override async ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken) =>
        new Writer(this, await base.OpenWriterAsync(prefix, cancellationToken));

    private void Add(int records)
    {
        if (Interlocked.Add(ref count, records) >= expected)
            reached.TrySetResult();
    }

    private sealed class Writer(CountingLog log, ITopicLogWriter writer) : ITopicLogWriter
    {
        public Checkpoint Checkpoint => writer.Checkpoint;

        public ValueTask<TopicState> EnsureTopicAsync(string topic, int partitions, CancellationToken cancellationToken) =>
            writer.EnsureTopicAsync(topic, partitions, cancellationToken);

        public async ValueTask AppendAsync(
            RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint, CancellationToken cancellationToken)
        {
            await writer.AppendAsync(batch, checkpoint, cancellationToken);
            log.Add(batch.RecordCount);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
