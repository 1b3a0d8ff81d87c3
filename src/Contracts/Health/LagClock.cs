namespace Cdc.Contracts.Health;

/// <summary>
/// How far behind somebody is in time, from looks at where the way ends and how far they have come. Nothing outstanding is zero, however
/// long ago the last change was. Positions are any numbers that grow. Safe for any thread.
/// </summary>
public sealed class LagClock(TimeProvider clock)
{
    // When so many are kept, every second one is forgotten, and from then on that many more looks count as one.
    private const int MostLooks = 512;

    private readonly Lock gate = new();
    private readonly List<(DateTimeOffset At, ulong End)> ahead = [];
    private DateTimeOffset reachedAt = DateTimeOffset.MinValue;
    private DateTimeOffset committed;
    private ulong reached;
    private ulong end;
    private int looksInOne = 1;
    private int looksInLast;
    private bool hasLooked;

    /// <summary>How much of the way is left; null before the first look.</summary>
    public ulong? Distance
    {
        get
        {
            lock (gate)
                return !hasLooked ? null : end > reached ? end - reached : 0;
        }
    }

    /// <summary>Since when something waits; zero where nothing does, null before the first look.</summary>
    public TimeSpan? Lag
    {
        get
        {
            lock (gate)
            {
                if (!hasLooked || ahead.Count == 0)
                    return hasLooked ? TimeSpan.Zero : null;

                // The last change that came is more exact than the looks, but only between the two looks that it fell.
                var since = reachedAt > DateTimeOffset.MinValue && committed >= reachedAt && committed <= ahead[0].At ? committed
                    : ahead[0].At;
                var lag = clock.GetUtcNow() - since;
                return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
            }
        }
    }

    /// <summary>The way ends there now.</summary>
    public void See(ulong position)
    {
        lock (gate)
        {
            hasLooked = true;
            end = Math.Max(end, position);
            if (position <= reached)
                reachedAt = clock.GetUtcNow();
            else if (ahead.Count == 0 || position > ahead[^1].End)
                Keep(position);
        }
    }

    /// <summary>Everything before that position is done.</summary>
    /// <param name="position">The first that is not.</param>
    /// <param name="commit">When the last of it was committed, microseconds since 1970; 0: not known.</param>
    public void Reach(ulong position, long commit)
    {
        lock (gate)
        {
            reached = Math.Max(reached, position);
            if (commit > 0)
                committed = DateTimeOffset.UnixEpoch.AddMicroseconds(commit);
            var done = 0;
            while (done < ahead.Count && ahead[done].End <= reached)
                reachedAt = ahead[done++].At;
            ahead.RemoveRange(0, done);
            if (ahead.Count == 0)
                looksInOne = 1;
        }
    }

    private void Keep(ulong position)
    {
        // The first one stays as it is: since then something waits.
        if (ahead.Count > 1 && looksInLast < looksInOne)
            ahead.RemoveAt(ahead.Count - 1);
        else
            looksInLast = 0;
        ahead.Add((clock.GetUtcNow(), position));
        looksInLast++;
        if (ahead.Count <= MostLooks)
            return;
        var kept = ahead.Where((_, place) => place % 2 == 0).ToList();
        ahead.Clear();
        ahead.AddRange(kept);
        looksInOne *= 2;
    }
}
