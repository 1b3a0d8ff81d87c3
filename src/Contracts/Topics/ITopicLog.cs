using Cdc.Contracts.Positions;

namespace Cdc.Contracts.Topics;

/// <summary>Is shown one record, which is valid during the call.</summary>
public delegate void RecordVisitor(TopicOffset place, RecordView record);

/// <summary>The log of topics between capture and sinks. One conformance suite holds for every implementation.</summary>
public interface ITopicLog : IReadOnlyTopicLog, IAsyncDisposable
{
    /// <summary>Given to the log when it was made; a log made again in its place has another.</summary>
    string LogId { get; }

    /// <summary>
    /// Changes whenever a topic is made; a cheap sign to look at <see cref="IReadOnlyTopicLog.DescribeTopicsAsync"/> again.
    /// </summary>
    long TopicsVersion { get; }

    /// <summary>
    /// Shows the records that lie at exactly these offsets, in any order. An offset of which nothing is shown holds no record: retention
    /// removed it, it is beyond the end, it is the log's own, or there is no such partition. Many are asked for at once, at a start.
    /// </summary>
    ValueTask VisitAsync(IReadOnlyCollection<TopicOffset> places, RecordVisitor visit, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the writer of a prefix and thereby ends the one before, which appends nothing more (Invariant 5). The prefix is a name of
    /// its own, not a beginning: <c>shop</c> and <c>shop2</c> are two.
    /// </summary>
    ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken);
}
