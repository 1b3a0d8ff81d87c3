namespace Cdc.Testing;

/// <summary>A clock whose elapsed time moves only when a test says so; its date is the system's, and so are its timers.</summary>
public sealed class SteppedClock : TimeProvider
{
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
}
