using Cdc.Capture.Sources;
using Cdc.Capture.Tables;

namespace Cdc.Capture.Reading;

/// <summary>What is begun, and how much at once.</summary>
public sealed partial class SnapshotCoordinator
{
    /// <summary>Tables that are described together: their descriptions are in memory at once.</summary>
    private const int DescribedAtOnce = 200;

    /// <summary>What a chunk takes besides its rows.</summary>
    private const int LeastBytes = 16 << 10;

    /// <summary>So long the stream may wait while tables are made ready.</summary>
    private static readonly TimeSpan BeginsFor = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// What was read and waits for the stream, with what is being read, in bytes: this bounds the memory, not their number (Invariant 7).
    /// </summary>
    private long RoomTaken =>
        waiting.Sum(one => (long)Math.Max(LeastBytes, one.Chunk.Facts.Bytes)) + underway.Sum(one => ExpectedBytes(one.Window.Chunk));

    private long RoomAtAll => (long)pace.Parallel * pace.PieceBytes;

    /// <summary>
    /// Begins what may be begun; true where a table's reading begins, whose first chunk waits until that was handed over.
    /// </summary>
    private async ValueTask<bool> BeginAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        if (describing is null && reads.ToDescribe().Take(DescribedAtOnce).Select(table => table.Table).ToList() is { Count: > 0 } asked)
            describing = Task.Run(() => reader.DescribeAsync(asked, stopping.Token), stopping.Token);
        if (clock.GetTimestamp() < nextReadAt)
            return false;
        var begun = await BeginTablesAsync(source, cancellationToken);
        while (IsRoom() && clock.GetTimestamp() >= nextReadAt)
        {
            if (reads.TryOpen(source.Reached) is { } window)
                underway.Add((window, Task.Run(() => reader.ReadAsync(window.Chunk, stopping.Token), stopping.Token)));
            else if (!begun && reads.FindToBegin(source.Reached) is { } next)
                begun = await TryBeginAsync(next, source, cancellationToken);
            else
                break;
        }

        return begun;
    }

    /// <summary>Small tables begin many at once, in one append; of large ones no more than are read at once.</summary>
    private async ValueTask<bool> BeginTablesAsync(IChangeSource source, CancellationToken cancellationToken)
    {
        var begun = false;
        var next = reads.FindToBegin(source.Reached);
        if (next is null)
            return false;
        var (count, bytes) = (0, 0.0);
        foreach (var table in reads.Tables.Where(table => table.State == TableState.Reading))
            (count, bytes) = (count + 1, bytes + BytesOf(table));
        for (var since = clock.GetTimestamp(); next is not null
            && clock.GetElapsedTime(since) < BeginsFor; next = reads.FindToBegin(source.Reached))
        {
            bytes += BytesOf(next);
            if (count++ >= pace.Parallel && bytes > RoomAtAll)
                break;
            begun |= await TryBeginAsync(next, source, cancellationToken);
        }

        return begun;
    }

    /// <summary>Makes the table's topic ready, also where there is no row for it: where the snapshot begins is noted in any case.</summary>
    private async ValueTask<bool> TryBeginAsync(TableSnapshot table, IChangeSource source, CancellationToken cancellationToken)
    {
        await publisher.PrepareAsync(table.Shape!, source.Block, cancellationToken);
        if (table.Health.IsPublished)
            reads.Begin(table);
        Report(table);
        return table.Health.IsPublished;
    }

    private bool IsRoom() => underway.Count < pace.Parallel && RoomTaken < RoomAtAll;

    private static double BytesOf(TableSnapshot table) => Math.Max(LeastBytes, table.Parts.Sum(part => part.Bytes));

    private static long ExpectedBytes(TableChunk chunk) =>
        chunk is RangeChunk range ? (long)Math.Clamp(range.Part.Bytes, Math.Min(LeastBytes, chunk.MaxBytes), chunk.MaxBytes)
            : chunk.MaxBytes;
}
