using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Testing;

/// <summary>A log that does what another one does, for tests that change a part of that. The other one belongs to who made it.</summary>
public abstract class WrappedLog(ITopicLog log) : ITopicLog
{
    public string LogId => log.LogId;

    public virtual long TopicsVersion => log.TopicsVersion;

    public virtual ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken) =>
        log.OpenWriterAsync(prefix, cancellationToken);

    public ValueTask<Checkpoint> ReadCheckpointAsync(string prefix, CancellationToken cancellationToken) =>
        log.ReadCheckpointAsync(prefix, cancellationToken);

    public virtual ValueTask<IReadOnlyList<string>> ListPrefixesAsync(CancellationToken cancellationToken) =>
        log.ListPrefixesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(Predicate<string> isWanted, CancellationToken cancellationToken) =>
        log.DescribeTopicsAsync(isWanted, cancellationToken);

    public virtual ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken) =>
        log.OpenReaderAsync(from, cancellationToken);

    public ValueTask VisitAsync(IReadOnlyCollection<TopicOffset> places, RecordVisitor visit, CancellationToken cancellationToken) =>
        log.VisitAsync(places, visit, cancellationToken);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
