using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Testing;

/// <summary>
/// A topic log in memory that keeps the port's promises (one conformance suite holds for it and the real ones), and does what a real one
/// does seldom: loses its oldest records, makes a topic again, fails an append.
/// </summary>
public sealed class MemoryTopicLog(TimeProvider? time = null) : ITopicLog
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, MemoryTopic> topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> checkpoints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Writer> writers = new(StringComparer.Ordinal);
    private readonly Queue<Exception> failures = [];
    private TaskCompletionSource? held;
    private readonly List<MemoryGroup> groups = [];
    private TaskCompletionSource moved = NewSignal();
    private long made;
    private bool closed;

    /// <summary>Each append takes one more offset of each partition, behind its records, as a Kafka transaction's end does.</summary>
    public bool HasMarkers { get; init; }

    public string LogId { get; init; } = Guid.NewGuid().ToString("N");

    public long TopicsVersion => Interlocked.Read(ref made);

    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    public ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            ThrowIfClosed();
            var writer = new Writer(this, prefix, CheckpointOf(prefix));
            writers[prefix] = writer;
            return ValueTask.FromResult<ITopicLogWriter>(writer);
        }
    }

    public ValueTask<Checkpoint> ReadCheckpointAsync(string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return ValueTask.FromResult(CheckpointOf(prefix));
    }

    public ValueTask<IReadOnlyList<string>> ListPrefixesAsync(CancellationToken cancellationToken)
    {
        lock (gate)
            return ValueTask.FromResult<IReadOnlyList<string>>(
                [.. checkpoints.Where(prefix => prefix.Value.Count > 0).Select(prefix => prefix.Key)]);
    }

    public ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(Predicate<string> isWanted, CancellationToken cancellationToken)
    {
        lock (gate)
            return ValueTask.FromResult<IReadOnlyList<TopicState>>(
                [.. topics.Values.Where(topic => isWanted(topic.Name)).Select(topic => topic.Describe())]);
    }

    public ValueTask VisitAsync(IReadOnlyCollection<TopicOffset> places, RecordVisitor visit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = places.ToHashSet();
        foreach (var group in Look(0, []).Groups)
        {
            using var block = MemoryTopicReader.BlockOf(group);
            while (block.TryRead(out var record, out var partition, out var offset))
            {
                var place = new TopicOffset(block.Partitions[partition].Topic, block.Partitions[partition].Partition, offset);
                if (wanted.Contains(place) && IsHeld(place))
                    visit(place, record);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            foreach (var start in from)
                RequireHeld(start);
            return ValueTask.FromResult<ITopicReader>(new MemoryTopicReader(this, from));
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closed = true;
            moved.TrySetResult();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Lets the next append fail with this; nothing of it is kept.</summary>
    public void FailNextAppend(Exception error)
    {
        lock (gate)
            failures.Enqueue(error);
    }

    /// <summary>Appends from now on wait, or end when they are cancelled, until they are let go.</summary>
    public void HoldAppends()
    {
        lock (gate)
            held ??= NewSignal();
    }

    /// <summary>Those that wait are made, and no other one waits.</summary>
    public void LetAppendsGo()
    {
        lock (gate)
        {
            held?.TrySetResult();
            held = null;
        }
    }

    /// <summary>Forgets a partition's records below an offset, as retention does.</summary>
    public void ForgetBefore(TopicOffset offset)
    {
        lock (gate)
            Find(offset.TopicPartition).First[offset.Partition] = offset.Offset;
    }

    /// <summary>Makes a topic again, empty and with another identity, as somebody does who deletes it.</summary>
    public void Recreate(string topic)
    {
        lock (gate)
        {
            var old = topics[topic];
            topics[topic] = new MemoryTopic(topic, old.Next.Length);
            for (var i = 0; i < groups.Count; i++)
                groups[i] = groups[i] with { Parts = [.. groups[i].Parts.Where(part => part.Topic != old)] };
            Interlocked.Increment(ref made);
        }
    }

    /// <summary>
    /// The groups from a number on, and what completes when there are more; retention is checked against where the reader is.
    /// </summary>
    internal (IReadOnlyList<MemoryGroup> Groups, Task Moved) Look(int from, IEnumerable<TopicOffset> places)
    {
        lock (gate)
        {
            ThrowIfClosed();
            foreach (var place in places)
                RequireHeld(place);
            return (groups[from..], moved.Task);
        }
    }

    private Task? Held
    {
        get
        {
            lock (gate)
                return held?.Task;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(closed, this);

    private Checkpoint CheckpointOf(string prefix) =>
        checkpoints.TryGetValue(prefix, out var entries) ? new Checkpoint(entries) : Checkpoint.Empty;

    private MemoryTopic Find(TopicPartition partition) =>
        topics.TryGetValue(partition.Topic, out var topic) && (uint)partition.Partition < (uint)topic.Next.Length
            ? topic
            : throw new CdcException(ErrorCodes.TopicUnknown,
                $"Looking for '{partition}' in the log, no such topic or partition was found.");

    private bool IsHeld(TopicOffset place)
    {
        lock (gate)
            return topics.TryGetValue(place.Topic, out var topic) && place.Offset >= topic.First[place.Partition];
    }

    private void RequireHeld(TopicOffset place)
    {
        var topic = Find(place.TopicPartition);
        if (place.Offset < topic.First[place.Partition])
            throw new CdcException(ErrorCodes.OffsetNoLongerHeld, $"Reading '{place}', the log was found to begin later.");
        if (place.Offset > topic.Next[place.Partition])
            throw new CdcException(ErrorCodes.OffsetBeyondEnd, $"Reading '{place}', the log was found to end before.");
    }

    private void RequireCurrent(Writer writer)
    {
        ThrowIfClosed();
        if (writers[writer.Prefix] != writer)
            throw new CdcException(ErrorCodes.LogWriterFenced, $"Appending for prefix '{writer.Prefix}', a later writer was found.");
    }

    private TopicState Ensure(Writer writer, string name, int partitions)
    {
        lock (gate)
        {
            RequireCurrent(writer);
            if (!topics.TryGetValue(name, out var topic))
            {
                topics.Add(name, topic = new MemoryTopic(name, partitions));
                Interlocked.Increment(ref made);
            }

            return topic.Describe();
        }
    }

    private void Append(Writer writer, RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint)
    {
        lock (gate)
        {
            RequireCurrent(writer);
            if (failures.TryDequeue(out var failure))
                throw failure;
            var parts = Place(batch);
            var entries = checkpoint(
                new AppendedOffsets(parts.ToDictionary(part => part.Slot, part => (part.BaseOffset, part.NextOffset))));
            foreach (var part in parts)
                part.Topic.Next[part.Partition] = part.NextOffset + (HasMarkers ? 1 : 0);
            groups.Add(new MemoryGroup(batch.Buffer.WrittenMemory.ToArray(), parts));
            if (!checkpoints.TryGetValue(writer.Prefix, out var kept))
                checkpoints.Add(writer.Prefix, kept = new Dictionary<string, string>(StringComparer.Ordinal));
            foreach (var entry in entries)
            {
                if (entry.Value is null)
                    kept.Remove(entry.Key);
                else
                    kept[entry.Key] = entry.Value;
            }

            var signal = moved;
            moved = NewSignal();
            signal.TrySetResult();
        }
    }

    private List<MemoryPart> Place(RecordBatch batch)
    {
        var parts = new List<MemoryPart>();
        for (var slot = 0; slot < batch.Partitions.Count; slot++)
        {
            if (batch.CountOf(slot) == 0)
                continue;
            var partition = batch.Partitions[slot];
            var topic = Find(partition);
            var start = topic.Next[partition.Partition];
            parts.Add(new MemoryPart(topic, partition.Partition, slot, start, start + batch.CountOf(slot)));
        }

        return parts;
    }

    private sealed class Writer(MemoryTopicLog log, string prefix, Checkpoint checkpoint) : ITopicLogWriter
    {
        private Exception? failure;

        public string Prefix { get; } = prefix;

        public Checkpoint Checkpoint { get; } = checkpoint;

        public ValueTask<TopicState> EnsureTopicAsync(string topic, int partitions, CancellationToken cancellationToken) =>
            Try(() => log.Ensure(this, topic, partitions), cancellationToken);

        public async ValueTask AppendAsync(
            RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint, CancellationToken cancellationToken)
        {
            if (log.Held is { } held)
                await held.WaitAsync(cancellationToken);
            await Try(
                () =>
                {
                    log.Append(this, batch, checkpoint);
                    return true;
                },
                cancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private ValueTask<T> Try<T>(Func<T> work, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (failure is not null)
                return ValueTask.FromException<T>(
                    new CdcException((failure as CdcException)?.Code ?? ErrorCodes.LogWriterUnusable, failure.Message, failure));
            try
            {
                return ValueTask.FromResult(work());
            }
            catch (Exception error)
            {
                failure = error;
                return ValueTask.FromException<T>(error);
            }
        }
    }
}
