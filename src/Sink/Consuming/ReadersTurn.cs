namespace Cdc.Sink.Consuming;

/// <summary>
/// When others may have a target that one process can open at a time: for a while after each batch. Only full batches follow one another at
/// once, for a backlog must not grow; and those for a while only, so that a reader who asks again and again gets in then too. Asked and
/// told between batches.
/// </summary>
/// <param name="time">How long a turn is; zero for a target that any number can read at once.</param>
/// <param name="clock">Measures it.</param>
public sealed class ReadersTurn(TimeSpan time, TimeProvider clock)
{
    /// <summary>
    /// How long full batches follow one another before readers get their turn all the same: a tenth of the speed at most.
    /// </summary>
    public static readonly TimeSpan LongestWork = TimeSpan.FromSeconds(10);

    private long? ended;
    private long began;

    /// <summary>How long the turn still is; zero where the next batch may be applied.</summary>
    public TimeSpan Left => ended is { } at && time - clock.GetElapsedTime(at) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Whether a full batch has to wait too.</summary>
    public bool IsOverdue => Left > TimeSpan.Zero && clock.GetElapsedTime(began) >= LongestWork;

    /// <summary>A batch is about to be applied.</summary>
    public void Begin()
    {
        if (Left == TimeSpan.Zero)
            began = clock.GetTimestamp();
    }

    /// <summary>It is applied: the target is closed.</summary>
    public void End() => ended = clock.GetTimestamp();
}
