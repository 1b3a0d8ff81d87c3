namespace Cdc.Contracts.Topics;

/// <summary>
/// Reads durable records of some partitions, in each partition in order of offsets (Invariant 2). Not safe for several threads.
/// </summary>
public interface ITopicReader : IAsyncDisposable
{
    /// <summary>
    /// The next records; waits up to <paramref name="wait"/> for some, then answers with an empty block. The caller disposes the block
    /// before it asks for the next one. A block also tells of offsets that hold no record for anybody: a partition that was read to its end
    /// is there, whatever its last offsets hold. Throws <c>CDC-3010</c> when retention overtook this reader.
    /// </summary>
    ValueTask<RecordBlock> ReadAsync(TimeSpan wait, CancellationToken cancellationToken);
}
