using System.Collections.Immutable;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

/// <summary>
/// Walks the journal in its order from the first place that holds something for one of its partitions; a block is what one group holds
/// for them, so one group at a time is in memory (Invariant 7). Groups of others are passed over by their header and table.
/// </summary>
internal sealed class EmbeddedLogReader : ITopicReader
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly DurableView view;
    private readonly TimeProvider time;
    private readonly TopicPartition[] partitions;
    private readonly Dictionary<int, int> indexOf = [];
    private readonly long[] next;
    private readonly long[] baseOffsets;
    private readonly long[] skipBelow;
    private readonly List<(int Index, int Slot, long Next)> matches = [];
    private readonly JournalCursor cursor;
    private int[] slotOf = [];

    public EmbeddedLogReader(DurableView view, IReadOnlyList<TopicOffset> from, TimeProvider time)
    {
        this.view = view;
        this.time = time;
        partitions = [.. from.Select(start => start.TopicPartition)];
        next = [.. from.Select(start => start.Offset)];
        baseOffsets = new long[next.Length];
        skipBelow = new long[next.Length];
        var bounds = view.Look(partitions).Bounds;
        for (var i = 0; i < next.Length; i++)
        {
            if (!indexOf.TryAdd(bounds[i].Number, i))
                throw new ArgumentException($"The partition '{partitions[i]}' is named twice.", nameof(from));
        }

        cursor = new JournalCursor(FindStart());
    }

    public async ValueTask<RecordBlock> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var end = view.End();
            if (TryReadFile(end, cancellationToken) is { } block)
                return block;
            var left = wait - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return new RecordBlock(default, [], partitions, baseOffsets, skipBelow, [.. next], owner: null);
            await end.Moved.WaitAsync(left < LongestWait ? left : LongestWait, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask DisposeAsync()
    {
        cursor.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The last segment whose head lies at or before everything that is to be read, or the journal's end.</summary>
    private JournalPlace FindStart()
    {
        while (true)
        {
            var (bounds, end) = Look();
            try
            {
                return FindStart(bounds, end);
            }
            catch (FileNotFoundException) when (end.Oldest.Number < view.End().Oldest.Number)
            {
                // Retention removed a segment meanwhile: look again at what is held.
            }
        }
    }

    private JournalPlace FindStart(ImmutableArray<PartitionBounds> bounds, in DurableEnd end)
    {
        var start = end.Segments.Length;
        for (var i = 0; i < next.Length; i++)
        {
            if (next[i] < bounds[i].Next)
                start = Math.Min(start, FindSegment(end.Segments, start, bounds[i].Number, next[i]));
        }

        return start == end.Segments.Length
            ? new JournalPlace(end.Segments[^1], end.Position)
            : new JournalPlace(end.Segments[start], SegmentHeader.Size);
    }

    private static int FindSegment(ImmutableArray<Segment> segments, int below, int partitionNumber, long offset)
    {
        var (low, high) = (0, below - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (segments[middle].HeadOffsetOf(partitionNumber) <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return Math.Max(low, 0);
    }

    /// <summary>Invariant 6: an offset that the log does not hold is never replaced by another.</summary>
    private void Require(int index, long first, long end)
    {
        if (next[index] < first)
            throw new CdcException(ErrorCodes.OffsetNoLongerHeld, FormattableString.Invariant(
                $"Reading '{partitions[index]}' from offset {next[index]}, the log was found to begin at {first}."));
        if (next[index] > end)
            throw new CdcException(ErrorCodes.OffsetBeyondEnd, FormattableString.Invariant(
                $"Reading '{partitions[index]}' from offset {next[index]}, the log was found to end at {end}."));
    }

    private RecordBlock? TryReadFile(in DurableEnd end, CancellationToken cancellationToken)
    {
        try
        {
            return TryRead(end, cancellationToken);
        }
        catch (FileNotFoundException) when (cursor.SegmentNumber < view.End().Oldest.Number)
        {
            return TryReadFile(view.End(), cancellationToken);
        }
        catch (Exception error) when (JournalErrors.IsStorageFailure(error))
        {
            throw JournalErrors.StorageFailed("Reading the log for", string.Join(", ", partitions), error);
        }
    }

    private RecordBlock? TryRead(in DurableEnd end, CancellationToken cancellationToken)
    {
        if (cursor.SegmentNumber < end.Oldest.Number)
            JumpOver();
        cancellationToken.ThrowIfCancellationRequested();
        while (cursor.TryFind(end, out var header))
        {
            var block = header.Kind is GroupKind.Append && Match(cursor.Reader.ReadTable(header)) ? ReadBlock(header) : null;
            cursor.Pass(header);
            if (block is not null)
                return block;
            cancellationToken.ThrowIfCancellationRequested();
        }

        return null;
    }

    /// <summary>The segment being read was removed: good only where it held nothing more for this reader.</summary>
    private void JumpOver()
    {
        cursor.JumpTo(Look().End.Oldest);
    }

    private (ImmutableArray<PartitionBounds> Bounds, DurableEnd End) Look()
    {
        var seen = view.Look(partitions);
        for (var i = 0; i < next.Length; i++)
            Require(i, seen.Bounds[i].First, seen.Bounds[i].Next);
        return seen;
    }

    /// <summary>Finds this reader's partitions in a group's table; false where nothing of them is new.</summary>
    private bool Match(TableReader table)
    {
        matches.Clear();
        for (var left = table.ReadCount(GroupPartition.Size); left > 0; left--)
        {
            var partition = GroupTable.ReadPartition(ref table);
            if (!indexOf.TryGetValue(partition.Number, out var index) || partition.NextOffset <= next[index])
                continue;
            if (partition.BaseOffset > next[index])
                throw table.Damaged();
            baseOffsets[index] = partition.BaseOffset;
            matches.Add((index, partition.Slot, partition.NextOffset));
        }

        return matches.Count > 0;
    }

    private RecordBlock ReadBlock(in GroupHeader header)
    {
        var records = new RentedRecords(header.RecordsLength);
        try
        {
            cursor.Reader.ReadRecords(header, records.Memory.Span);
        }
        catch
        {
            records.Dispose();
            throw;
        }

        Array.Fill(slotOf, -1);
        next.CopyTo(skipBelow, 0);
        foreach (var (index, slot, nextOffset) in matches)
        {
            if (slot >= slotOf.Length)
                GrowSlots(slot);
            slotOf[slot] = index;
            next[index] = nextOffset;
        }

        return new RecordBlock(records.Memory, slotOf, partitions, baseOffsets, skipBelow, [.. next], records);
    }

    private void GrowSlots(int slot)
    {
        var known = slotOf.Length;
        Array.Resize(ref slotOf, Math.Max(slot + 1, 2 * known));
        Array.Fill(slotOf, -1, known, slotOf.Length - known);
    }
}
