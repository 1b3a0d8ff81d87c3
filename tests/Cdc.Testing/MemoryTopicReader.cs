using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Testing;

/// <summary>Reads a <see cref="MemoryTopicLog"/>, a group at a time.</summary>
internal sealed class MemoryTopicReader(MemoryTopicLog log, IReadOnlyList<TopicOffset> from) : ITopicReader
{
    private readonly TopicPartition[] partitions = [.. from.Select(start => start.TopicPartition)];
    private readonly long[] next = [.. from.Select(start => start.Offset)];
    private int at;

    public async ValueTask<RecordBlock> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = log.Time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (groups, moved) = log.Look(at,
                partitions.Select((partition, i) => new TopicOffset(partition.Topic, partition.Partition, next[i])));
            foreach (var group in groups)
            {
                at++;
                if (Read(group) is { } block)
                    return block;
            }

            var left = wait - log.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return new RecordBlock(default, [], partitions, new long[next.Length], [.. next], [.. next], owner: null);
            await moved.WaitAsync(left, log.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private RecordBlock? Read(MemoryGroup group)
    {
        var slotOf = Enumerable.Repeat(-1, group.Parts.Select(part => part.Slot + 1).DefaultIfEmpty().Max()).ToArray();
        var baseOffsets = new long[next.Length];
        long[] skipBelow = [.. next];
        var found = false;
        foreach (var part in group.Parts)
        {
            var index = Array.IndexOf(partitions, new TopicPartition(part.Topic.Name, part.Partition));
            if (index < 0 || part.NextOffset <= next[index])
                continue;
            slotOf[part.Slot] = index;
            baseOffsets[index] = part.BaseOffset;
            next[index] = part.NextOffset;
            found = true;
        }

        return found ? new RecordBlock(group.Records, slotOf, partitions, baseOffsets, skipBelow, [.. next], owner: null) : null;
    }
}
