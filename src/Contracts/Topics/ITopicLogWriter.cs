namespace Cdc.Contracts.Topics;

/// <summary>The one writer of a prefix.</summary>
public interface ITopicLogWriter : IAsyncDisposable
{
    /// <summary>The checkpoint as it was when this writer was opened.</summary>
    Checkpoint Checkpoint { get; }

    /// <summary>
    /// Makes a topic where there is none. Answers with the state of the topic, whose number of partitions may differ from the one asked
    /// for. Its partitions end where this writer appends; what can be read may end before, for a while.
    /// </summary>
    ValueTask<TopicState> EnsureTopicAsync(string topic, int partitions, CancellationToken cancellationToken);

    /// <summary>
    /// Appends all records and all checkpoint entries, or none of them; returns when they are durable (Invariants 1 and 3). The topics
    /// exist. <paramref name="checkpoint"/> is asked once the records' offsets are known. The batch may be empty; it is the caller's
    /// again when this returns. After an error nothing more can be appended with this writer. Throws <c>CDC-3001</c> when another writer
    /// took over.
    /// </summary>
    ValueTask AppendAsync(
        RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint, CancellationToken cancellationToken);
}

/// <summary>
/// Where the records of an append went: by slot, the offset of its first record and the one behind its last. Others of the log's own may
/// lie between them and behind them.
/// </summary>
public sealed class AppendedOffsets(IReadOnlyDictionary<int, (long First, long Next)> bySlot)
{
    /// <summary>Every slot that the batch held records of.</summary>
    public IEnumerable<KeyValuePair<int, (long First, long Next)>> All => bySlot;

    /// <summary>False where the batch held no record of that slot.</summary>
    public bool TryGet(int slot, out long first, out long next)
    {
        var found = bySlot.TryGetValue(slot, out var range);
        (first, next) = range;
        return found;
    }
}
