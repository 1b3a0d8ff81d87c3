namespace Cdc.Capture.Reading;

/// <summary>
/// Looks from time to time at what the catalog says of the tables: what changes rows, or keeps changes away, without a word in the stream
/// shows there. One look at a time. A look is held against what is noted at once; what of it the stream may still explain, once the stream
/// is past it.
/// </summary>
public sealed class CatalogWatch(ISnapshotReader reader, TableSnapshots reads, TimeProvider clock)
{
    private Task<CatalogSight>? looking;
    private CatalogSight? left;
    private long? lookedAt;
    private bool isHurried;
    private bool isSettled;

    /// <summary>The look under way.</summary>
    public Task Looking => looking ?? Task.CompletedTask;

    /// <summary>A look waits for the stream.</summary>
    public bool IsWaiting => left is not null;

    /// <summary>A look was taken since this began.</summary>
    public bool HasLooked { get; private set; }

    /// <summary>A table looks otherwise: perhaps more than that happened to it.</summary>
    public void Hurry() => isHurried = true;

    /// <summary>Takes a look that is done, and begins one that is due. Answers with what was seen that means something.</summary>
    /// <param name="reached">How far the stream is.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async ValueTask<(CatalogSight? Sight, IReadOnlyList<FoundDifference> Found)> AdvanceAsync(
        ulong reached, CancellationToken cancellationToken)
    {
        IReadOnlyList<FoundDifference> found = [];
        CatalogSight? sight = null;
        if (looking is { IsCompleted: true })
        {
            sight = await looking;
            looking = null;
            found = Compare(sight, isSettled && !isHurried, reached);
            HasLooked = true;
        }
        else if (left is not null && reached >= left.Position)
        {
            found = Compare(left, isSettled: false, reached);
        }

        var isDue = lookedAt is not { } at || clock.GetElapsedTime(at) >= ReadPace.IdleLook;
        if (looking is null && left is null && (isHurried || isDue))
        {
            // A commit can be streamed a moment before the catalog shows it.
            isSettled = !isHurried;
            (lookedAt, isHurried) = (clock.GetTimestamp(), false);
            var known = reads.KnownNumbers();
            looking = Task.Run(() => reader.LookAsync(known, cancellationToken), cancellationToken);
        }

        return (sight, found);
    }

    private IReadOnlyList<FoundDifference> Compare(CatalogSight sight, bool isSettled, ulong reached)
    {
        var found = reads.Compare(sight, isSettled, reached >= sight.Position, out var isLeft);
        left = isLeft ? sight : null;
        return found;
    }
}
