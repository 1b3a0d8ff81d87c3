using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Benchmarks.Capture;

/// <summary>A log that takes everything and keeps the checkpoint only.</summary>
internal sealed class DiscardingLog(RecordDigest? digest) : ITopicLog
{
    private readonly Dictionary<string, string> entries = new(StringComparer.Ordinal);

    public string LogId => "discarding";

    public long TopicsVersion => 0;

    public ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ITopicLogWriter>(new Writer(this));

    public ValueTask<Checkpoint> ReadCheckpointAsync(
        string prefix, CancellationToken cancellationToken) => ValueTask.FromResult(new Checkpoint(entries));

    public ValueTask<IReadOnlyList<string>> ListPrefixesAsync(
        CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<string>>([]);

    public ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(Predicate<string> isWanted, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<TopicState>>([]);

    public ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Nothing was kept.");

    public ValueTask VisitAsync(IReadOnlyCollection<TopicOffset> places, RecordVisitor visit, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(DiscardingLog log) : ITopicLogWriter
    {
        public Checkpoint Checkpoint { get; } = new(log.entries);

        public ValueTask<TopicState> EnsureTopicAsync(string topic, int partitions, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new TopicState(topic, topic,
                [.. Enumerable.Range(0, partitions).Select(p => new PartitionState(p, 0, 0))]));

        public ValueTask AppendAsync(
            RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint, CancellationToken cancellationToken)
        {
            if (log.Digest is not null)
                AddAll(batch.Buffer.WrittenSpan, log.Digest);
            foreach (var entry in checkpoint(new AppendedOffsets(new Dictionary<int, (long, long)>())))
            {
                if (entry.Value is null)
                    log.entries.Remove(entry.Key);
                else
                    log.entries[entry.Key] = entry.Value;
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static void AddAll(ReadOnlySpan<byte> records, RecordDigest digest)
        {
            while (!records.IsEmpty)
            {
                records = records[RecordLayout.Read(records, out var record)..];
                digest.Add(record);
            }
        }
    }

    private RecordDigest? Digest { get; } = digest;
}
