using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Testing;

/// <summary>
/// Reads a <see cref="MemoryTopicLog"/>. Without markers a block is one append; with them it is all that is there, and the markers behind
/// it come in a block of their own.
/// </summary>
internal sealed class MemoryTopicReader(MemoryTopicLog log, IReadOnlyList<TopicOffset> from) : ITopicReader
{
    private readonly TopicPartition[] partitions = [.. from.Select(start => start.TopicPartition)];
    private readonly long[] next = [.. from.Select(start => start.Offset)];
    private readonly bool[] isBeforeMarker = new bool[from.Count];
    private int at;

    public async ValueTask<RecordBlock> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = log.Time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (groups, moved) = log.Look(at,
                partitions.Select((partition, i) => new TopicOffset(partition.Topic, partition.Partition, next[i])));
            if ((log.HasMarkers ? ReadAll(groups) : ReadOne(groups)) is { } block)
                return block;
            var left = wait - log.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return new RecordBlock(default, [], partitions, new long[next.Length], [.. next], [.. next], owner: null);
            await moved.WaitAsync(left, log.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>All records of an append, with their offsets.</summary>
    internal static RecordBlock BlockOf(MemoryGroup group)
    {
        var slotOf = Enumerable.Repeat(-1, SlotsOf(group)).ToArray();
        for (var i = 0; i < group.Parts.Count; i++)
            slotOf[group.Parts[i].Slot] = i;
        return new RecordBlock(
            group.Records, slotOf, [.. group.Parts.Select(part => new TopicPartition(part.Topic.Name, part.Partition))],
            [.. group.Parts.Select(part => part.BaseOffset)], new long[group.Parts.Count],
            [.. group.Parts.Select(part => part.NextOffset)], owner: null);
    }

    private static int SlotsOf(MemoryGroup group) => group.Parts.Select(part => part.Slot + 1).DefaultIfEmpty().Max();

    private RecordBlock? ReadOne(IReadOnlyList<MemoryGroup> groups)
    {
        foreach (var group in groups)
        {
            at++;
            if (Read(group) is { } block)
                return block;
        }

        return null;
    }

    private RecordBlock? Read(MemoryGroup group)
    {
        var slotOf = Enumerable.Repeat(-1, SlotsOf(group)).ToArray();
        var baseOffsets = new long[next.Length];
        long[] skipBelow = [.. next];
        var found = false;
        foreach (var part in group.Parts)
        {
            var index = IndexOf(part);
            if (index < 0 || part.NextOffset <= next[index])
                continue;
            slotOf[part.Slot] = index;
            baseOffsets[index] = part.BaseOffset;
            next[index] = part.NextOffset;
            found = true;
        }

        return found ? new RecordBlock(group.Records, slotOf, partitions, baseOffsets, skipBelow, [.. next], owner: null) : null;
    }

    private RecordBlock? ReadAll(IReadOnlyList<MemoryGroup> groups)
    {
        var isMoved = PassMarkers();
        using var records = new MemoryStream();
        var offsets = new List<long>();
        at += groups.Count;
        foreach (var group in groups)
            Copy(group, records, offsets);
        return isMoved || offsets.Count > 0
            ? new RecordBlock(records.ToArray(), offsets.ToArray(), partitions, [.. next], owner: null)
            : null;
    }

    private bool PassMarkers()
    {
        for (var i = 0; i < next.Length; i++)
            next[i] += isBeforeMarker[i] ? 1 : 0;
        var isMoved = isBeforeMarker.Contains(true);
        Array.Clear(isBeforeMarker);
        return isMoved;
    }

    private void Copy(MemoryGroup group, MemoryStream records, List<long> offsets)
    {
        using var block = BlockOf(group);
        var start = 0;
        while (block.TryRead(out _, out var number, out var offset))
        {
            var length = RecordLayout.Read(group.Records.AsSpan(start), out _);
            var index = IndexOf(group.Parts[number]);
            if (index >= 0 && offset >= next[index])
            {
                records.Write(BitConverter.GetBytes(index)); // Little-endian, as every machine that tests run on.
                records.Write(group.Records.AsSpan(start + sizeof(int), length - sizeof(int)));
                offsets.Add(offset);
            }

            start += length;
        }

        foreach (var part in group.Parts)
        {
            var index = IndexOf(part);
            if (index < 0 || part.NextOffset < next[index])
                continue;
            next[index] = part.NextOffset;
            isBeforeMarker[index] = true;
        }
    }

    private int IndexOf(MemoryPart part) => Array.IndexOf(partitions, new TopicPartition(part.Topic.Name, part.Partition));
}
