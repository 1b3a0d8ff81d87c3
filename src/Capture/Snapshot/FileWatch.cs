using Cdc.Contracts.Schema;

namespace Cdc.Capture.Snapshot;

/// <summary>
/// Looks from time to time at the files that hold the tables' rows: what changes rows without changes of rows in the stream (a partition
/// attached, detached, dropped or truncated, a rewrite) shows there. One look at a time.
/// </summary>
public sealed class FileWatch(ISnapshotReader reader, TableReads reads, TimeProvider clock)
{
    private Task<IReadOnlyDictionary<TableId, IReadOnlyList<TableFile>>>? looking;
    private long lookedAt;
    private bool isHurried = true;

    /// <summary>The look under way.</summary>
    public Task Looking => looking ?? Task.CompletedTask;

    /// <summary>A table looks otherwise: perhaps more than that happened to it.</summary>
    public void Hurry() => isHurried = true;

    /// <summary>Takes a look that is done, and begins one that is due. Answers with the tables that are read again for what was seen.</summary>
    public async ValueTask<IReadOnlyList<TableProgress>> AdvanceAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<TableProgress> changed = [];
        if (looking is { IsCompleted: true })
        {
            var files = await looking;
            looking = null;
            changed = reads.Compare(files);
        }

        if (looking is null && (isHurried || clock.GetElapsedTime(lookedAt) >= ReadPace.IdleLook))
        {
            (lookedAt, isHurried) = (clock.GetTimestamp(), false);
            looking = Task.Run(() => reader.ReadFilesAsync(cancellationToken), cancellationToken);
        }

        return changed;
    }
}
