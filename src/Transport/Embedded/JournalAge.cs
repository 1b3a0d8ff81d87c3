namespace Cdc.Transport.Embedded;

/// <summary>
/// The time by which what the journal holds grows old. It runs as the machine's time does, of which a clock that was set wrong is told
/// apart by the time that passed in this process: what the date moved beyond that (the process was away, the machine slept, the clock was
/// set) counts for half of the retention at most, each time. So no step of a clock removes what is younger than that, and a clock that goes
/// back holds nothing up.
/// </summary>
internal sealed class JournalAge(TimeProvider time, TimeSpan? retention)
{
    private readonly long mostBeyondMs = (long)Math.Min((retention ?? TimeSpan.MaxValue).TotalMilliseconds / 2,
        TimeSpan.FromDays(1).TotalMilliseconds);
    private long ageMs;
    private long wallMs;
    private long? stamp;

    /// <summary>The date, as the machine has it; groups carry it.</summary>
    public long WallMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The time now, in milliseconds; it never goes back.</summary>
    public long NowMs
    {
        get
        {
            var (now, wall) = (time.GetTimestamp(), WallMs);
            Move(wall, stamp is { } before ? (long)time.GetElapsedTime(before, now).TotalMilliseconds : 0);
            stamp = now;
            return ageMs;
        }
    }

    /// <summary>Where the newest segment began.</summary>
    /// <param name="createdMs">As its header says, by this time.</param>
    /// <param name="groupMs">As its head says, by the date.</param>
    public void Begin(long createdMs, long groupMs) => (ageMs, wallMs) = (createdMs, groupMs);

    /// <summary>A group of that segment, in order, and its date.</summary>
    public void See(long groupMs) => Move(groupMs, ranMs: 0);

    private void Move(long toMs, long ranMs)
    {
        ageMs += Math.Clamp(toMs - wallMs, ranMs, ranMs + mostBeyondMs);
        wallMs = toMs;
    }
}
