using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

internal sealed class EmbeddedLogWriter(Journal journal, string prefix) : ITopicLogWriter
{
    private volatile Exception? failure;
    private volatile bool disposed;
    private PartitionTable? numbered;
    private int[] numbers = [];

    public string Prefix { get; } = prefix;

    public Checkpoint Checkpoint { get; set; } = Checkpoint.Empty;

    public async ValueTask<TopicState> EnsureTopicAsync(string topic, int partitions, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions, EmbeddedLog.MaxPartitions);
        ThrowIfUnusable(cancellationToken);
        return await journal.AskAsync(new EnsureTopicRequest(this, topic, partitions));
    }

    /// <summary>Cancelling is possible until the append was handed over, which is before this returns its task.</summary>
    public async ValueTask AppendAsync(
        RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint, CancellationToken cancellationToken)
    {
        ThrowIfUnusable(cancellationToken);
        await journal.AskAsync(new AppendRequest(this, batch, checkpoint));
    }

    public ValueTask DisposeAsync()
    {
        disposed = true;
        return ValueTask.CompletedTask;
    }

    public void Fail(Exception error) => failure ??= error;

    /// <summary>
    /// The number of a slot's partition; asked by the journal's thread only. <c>CDC-3012</c> where there is no such partition.
    /// </summary>
    public int NumberOf(int slot, PartitionTable partitions, TopicCatalog catalog)
    {
        if (numbered != partitions || slot >= numbers.Length)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(slot, GroupTable.MaxSlot);
            var kept = numbered == partitions ? numbers : [];
            numbers = new int[Math.Max(partitions.Count, slot + 1)];
            numbers.AsSpan().Fill(-1);
            kept.CopyTo(numbers, 0);
            numbered = partitions;
        }

        if (numbers[slot] < 0)
            numbers[slot] = Find(partitions, slot, catalog);
        return numbers[slot];
    }

    private static int Find(PartitionTable partitions, int slot, TopicCatalog catalog)
    {
        var (topic, partition) = partitions[slot];
        return catalog.TryGet(topic, out var entry) && (uint)partition < (uint)entry.Partitions
            ? entry.FirstNumber + partition
            : throw new CdcException(ErrorCodes.TopicUnknown,
                $"Appending to partition {partition} of topic '{topic}', the log was found to have none.");
    }

    private void ThrowIfUnusable(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is { } error)
            throw new CdcException(
                (error as CdcException)?.Code ?? ErrorCodes.LogWriterUnusable,
                $"Appending for prefix '{Prefix}', this writer was found to have failed before: {error.Message}", error);
    }
}
