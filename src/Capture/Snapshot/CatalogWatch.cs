using Cdc.Contracts.Schema;

namespace Cdc.Capture.Snapshot;

/// <summary>
/// Looks from time to time at what the catalog says of the tables: what changes rows without changes of rows in the stream shows in the
/// files that hold them (a partition attached, detached, dropped or truncated, a rewrite) or in the columns' numbers. One look at a time.
/// </summary>
public sealed class CatalogWatch(ISnapshotReader reader, TableReads reads, TimeProvider clock)
{
    private Task<IReadOnlyDictionary<TableId, TableLook>>? looking;
    private long? lookedAt;
    private bool isHurried;
    private bool isSettled;

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
            var now = await looking;
            looking = null;
            changed = reads.Compare(now, isSettled && !isHurried);
        }

        var isDue = lookedAt is not { } at || clock.GetElapsedTime(at) >= ReadPace.IdleLook;
        if (looking is null && (isHurried || isDue))
        {
            // A commit can be streamed a moment before the catalog shows it.
            isSettled = !isHurried;
            (lookedAt, isHurried) = (clock.GetTimestamp(), false);
            looking = Task.Run(() => reader.LookAsync(cancellationToken), cancellationToken);
        }

        return changed;
    }
}
