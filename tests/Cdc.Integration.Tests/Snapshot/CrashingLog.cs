using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>When the process of capture comes to its end at an append.</summary>
public enum CrashMoment
{
    /// <summary>Nothing of the append is in the log.</summary>
    Before,

    /// <summary>All of it is, and nobody was told.</summary>
    After,
}

/// <summary>A log that lets some appends through and fails the next one for good, as a process that is killed there.</summary>
internal sealed class CrashingLog(ITopicLog log, int appends, CrashMoment moment) : ITopicLog
{
    private readonly CrashMoment moment = moment;
    private int left = appends;

    public long TopicsVersion => log.TopicsVersion;

    public async ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken) =>
        new Writer(this, await log.OpenWriterAsync(prefix, cancellationToken));

    public ValueTask<Checkpoint> ReadCheckpointAsync(string prefix, CancellationToken cancellationToken) => log.ReadCheckpointAsync(prefix, cancellationToken);

    public ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(CancellationToken cancellationToken) => log.DescribeTopicsAsync(cancellationToken);

    public ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken) =>
        log.OpenReaderAsync(from, cancellationToken);

    /// <summary>What is underneath belongs to who made it.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static CdcException Killed() => new(ErrorCodes.Internal, "The test ends capture here.");

    private sealed class Writer(CrashingLog log, ITopicLogWriter writer) : ITopicLogWriter
    {
        public Checkpoint Checkpoint => writer.Checkpoint;

        public ValueTask<TopicState> EnsureTopicAsync(string topic, int partitions, CancellationToken cancellationToken) =>
            writer.EnsureTopicAsync(topic, partitions, cancellationToken);

        public async ValueTask AppendAsync(
            RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint, CancellationToken cancellationToken)
        {
            log.left--;
            if (log.left < 0 && (log.left < -1 || log.moment == CrashMoment.Before))
                throw Killed();
            await writer.AppendAsync(batch, checkpoint, cancellationToken);
            if (log.left < 0)
                throw Killed();
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
