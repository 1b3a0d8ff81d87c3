using Cdc.Contracts.Positions;

namespace Cdc.Contracts.Topics;

/// <summary>What the log of topics holds, for who only looks: durable records and checkpoints.</summary>
public interface IReadOnlyTopicLog
{
    /// <summary>The checkpoint as of the last durable append, without fencing anybody.</summary>
    ValueTask<Checkpoint> ReadCheckpointAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// The prefixes whose checkpoint has an entry; a topic is of the longest one that its name begins with, a dot behind it.
    /// </summary>
    ValueTask<IReadOnlyList<string>> ListPrefixesAsync(CancellationToken cancellationToken);

    /// <summary>The topics whose names are wanted, each with its identity and the bounds of what can be read of it.</summary>
    ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(Predicate<string> isWanted, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the given partitions, each from its offset on. An offset that the log no longer has, or does not have yet (beyond the next
    /// one), is refused with <c>CDC-3010</c> or <c>CDC-3011</c> (Invariant 6).
    /// </summary>
    ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken);
}
