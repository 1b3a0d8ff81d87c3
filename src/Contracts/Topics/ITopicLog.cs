using Cdc.Contracts.Positions;

namespace Cdc.Contracts.Topics;

/// <summary>The log of topics between capture and sinks. One conformance suite holds for every implementation.</summary>
public interface ITopicLog : IAsyncDisposable
{
    /// <summary>Given to the log when it was made; a log made anew in its place has another.</summary>
    string LogId { get; }

    /// <summary>Changes whenever a topic is made; a cheap sign to look at <see cref="DescribeTopicsAsync"/> again.</summary>
    long TopicsVersion { get; }

    /// <summary>
    /// Opens the writer of a prefix and thereby ends the one before, which appends nothing more (Invariant 5). The prefix is a name of
    /// its own, not a beginning: <c>shop</c> and <c>shop2</c> are two.
    /// </summary>
    ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>The checkpoint as of the last durable append, without fencing anybody.</summary>
    ValueTask<Checkpoint> ReadCheckpointAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>The prefixes whose checkpoint has an entry; a topic is of the longest one that its name begins with, a dot behind it.</summary>
    ValueTask<IReadOnlyList<string>> ListPrefixesAsync(CancellationToken cancellationToken);

    /// <summary>Every topic with its identity and bounds; durable records only.</summary>
    ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads the given partitions, each from its offset on. An offset that the log no longer has, or does not have yet (beyond the next
    /// one), is refused with <c>CDC-3010</c> or <c>CDC-3011</c> (Invariant 6).
    /// </summary>
    ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken);
}
