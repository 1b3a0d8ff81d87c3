using System.Collections.Immutable;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

/// <summary>
/// The segments of a moment, where durable records end in the newest one, and a task that completes when they go further.
/// </summary>
internal readonly record struct DurableEnd(ImmutableArray<Segment> Segments, long Position, Task Moved)
{
    public Segment Oldest => Segments[0];
}

/// <summary>A partition's number and the offsets it holds.</summary>
internal readonly record struct PartitionBounds(int Number, long First, long Next);

/// <summary>A place in the journal at which reading begins.</summary>
internal readonly record struct JournalPlace(Segment Segment, long Position);

/// <summary>What readers may see: only what is durable (Invariant 1). Safe for any thread.</summary>
internal sealed class DurableView
{
    private readonly Lock gate = new();
    private ImmutableArray<Segment> segments;
    private TopicCatalog catalog;
    private long[] nextOffsets;
    private long position;
    private bool closed;
    private TaskCompletionSource moved = NewSignal();

    public DurableView(IEnumerable<Segment> segments, JournalState state)
    {
        this.segments = [.. segments];
        catalog = state.Catalog;
        nextOffsets = state.NextOffsets.ToArray();
        position = this.segments[^1].Length;
    }

    public long TopicsVersion
    {
        get
        {
            lock (gate)
                return catalog.Topics.Length;
        }
    }

    public ImmutableArray<Segment> Segments
    {
        get
        {
            lock (gate)
                return segments;
        }
    }

    public void Publish(JournalState state, long newPosition)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            catalog = state.Catalog;
            if (nextOffsets.Length < state.NextOffsets.Length)
                nextOffsets = new long[state.NextOffsets.Length];
            state.NextOffsets.CopyTo(nextOffsets);
            position = newPosition;
            segments[^1].Length = newPosition;
            signal = Signal();
        }

        signal.TrySetResult();
    }

    /// <summary>A new segment was begun; what it holds is its head only.</summary>
    public void Add(Segment segment)
    {
        lock (gate)
        {
            segments = segments.Add(segment);
            position = segment.Length;
        }
    }

    public void RemoveOldest()
    {
        lock (gate)
            segments = segments.RemoveAt(0);
    }

    public void Close()
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            closed = true;
            signal = Signal();
        }

        signal.TrySetResult();
    }

    public DurableEnd End()
    {
        lock (gate)
            return EndNow();
    }

    public IReadOnlyList<TopicState> Describe(Predicate<string> isWanted)
    {
        lock (gate)
            return [.. catalog.Topics.Where(topic => isWanted(topic.Name)).Select(Describe)];
    }

    public TopicState Describe(string topic)
    {
        lock (gate)
            return catalog.TryGet(topic, out var entry) ? Describe(entry) : throw Unknown(topic);
    }

    /// <summary>Partitions' bounds and the journal's end, all of one moment; <c>CDC-3012</c> where there is no such partition.</summary>
    public (ImmutableArray<PartitionBounds> Bounds, DurableEnd End) Look(IReadOnlyList<TopicPartition> partitions)
    {
        lock (gate)
            return ([.. partitions.Select(Look)], EndNow());
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CdcException Unknown(string name) =>
        new(ErrorCodes.TopicUnknown, $"Looking for '{name}' in the log, no such topic or partition was found.");

    private DurableEnd EndNow()
    {
        ObjectDisposedException.ThrowIf(closed, typeof(EmbeddedLog));
        return new DurableEnd(segments, position, moved.Task);
    }

    private PartitionBounds Look(TopicPartition partition)
    {
        if (!catalog.TryGet(partition.Topic, out var topic) || (uint)partition.Partition >= (uint)topic.Partitions)
            throw Unknown(partition.ToString());
        var number = topic.FirstNumber + partition.Partition;
        return new PartitionBounds(number, segments[0].HeadOffsetOf(number), nextOffsets[number]);
    }

    private TopicState Describe(TopicEntry topic) =>
        new(topic.Name, topic.Id.ToString("N"), [.. Enumerable.Range(0, topic.Partitions).Select(partition =>
            new PartitionState(
                partition, segments[0].HeadOffsetOf(topic.FirstNumber + partition), nextOffsets[topic.FirstNumber + partition]))]);

    private TaskCompletionSource Signal()
    {
        var signal = moved;
        moved = NewSignal();
        return signal;
    }
}
