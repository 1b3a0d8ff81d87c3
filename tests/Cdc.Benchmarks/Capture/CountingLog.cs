using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Benchmarks.Capture;

/// <summary>A log that tells when so many records are durable in the one inside.</summary>
internal sealed class CountingLog(ITopicLog log, long expected) : ITopicLog
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long count;

    /// <summary>Done at the expected number of records.</summary>
    public Task Reached => reached.Task;

    /// <summary>Durable records so far.</summary>
    public long Count => Interlocked.Read(ref count);

    public string LogId => log.LogId;

    public long TopicsVersion => log.TopicsVersion;

    public async ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken) =>
        new Writer(this, await log.OpenWriterAsync(prefix, cancellationToken));

    public ValueTask<Checkpoint> ReadCheckpointAsync(
        string prefix, CancellationToken cancellationToken) => log.ReadCheckpointAsync(prefix, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListPrefixesAsync(
        CancellationToken cancellationToken) => log.ListPrefixesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(
        CancellationToken cancellationToken) => log.DescribeTopicsAsync(cancellationToken);

    public ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken) =>
        log.OpenReaderAsync(from, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

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
