namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// When to let a stream's pieces gather. The walsender flushes each message by itself, so a reader that keeps up is woken for each: that
/// costs both sides several times what the message does. After some small pieces in quick succession the next read waits a moment
/// (<see cref="ReceiveMark"/>), a longer one where the last brought much: then appends are fewer too, each of which costs a flush. Pieces
/// that come one by one, or large ones, are never waited for.
/// </summary>
internal sealed class Gathering(TimeProvider time)
{
    private const int SmallBytes = 4096;
    private const int Pieces = 8;

    /// <summary>Some thirty changes of usual size, in a millisecond.</summary>
    private const int MuchBytes = 8192;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(4);

    private long since;
    private int small;
    private bool hasPaused;

    /// <summary>So many small pieces came within the window.</summary>
    public bool IsDue => small >= Pieces;

    /// <summary>How long the next wait may be.</summary>
    public TimeSpan Pause { get; private set; } = Short;

    /// <summary>Notes the size of a piece that was read.</summary>
    public void Note(int bytes)
    {
        if (hasPaused)
            (Pause, hasPaused) = (bytes >= MuchBytes ? Long : Short, false);
        if (bytes >= SmallBytes)
            return;
        if (small == 0 || time.GetElapsedTime(since) > Window)
            (since, small) = (time.GetTimestamp(), 0);
        small++;
    }

    /// <summary>After a wait: one small piece soon after what gathered and it is due again, for the stream is still as fast.</summary>
    public void Continue() => (since, small, hasPaused) = (time.GetTimestamp(), Pieces - 1, true);
}
