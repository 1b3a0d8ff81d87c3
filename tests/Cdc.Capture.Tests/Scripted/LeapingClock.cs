namespace Cdc.Capture.Tests.Scripted;

/// <summary>The system's clock, whose date a test can move on: pauses that are kept as dates end at once.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private long leapt;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + new TimeSpan(Interlocked.Read(ref leapt));

    public void Leap(TimeSpan time) => Interlocked.Add(ref leapt, time.Ticks);
}
