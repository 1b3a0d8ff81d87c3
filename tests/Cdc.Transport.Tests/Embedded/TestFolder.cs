namespace Cdc.Transport.Tests.Embedded;

/// <summary>A folder of its own, removed at the end.</summary>
public sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cdc-log-").FullName;

    /// <summary>The journal's files, oldest first.</summary>
    public string[] Segments => [.. Directory.GetFiles(Path, "journal-*.log").Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>The system's time, some time later; timers are the system's.</summary>
public sealed class ShiftedTime : TimeProvider
{
    private long passedTicks;
    private long jumpedTicks;

    /// <summary>Time passes.</summary>
    public void Shift(TimeSpan by) => Interlocked.Add(ref passedTicks, by.Ticks);

    /// <summary>The clock is set, while no time passes.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref jumpedTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() =>
        base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref passedTicks) + Interlocked.Read(ref jumpedTicks));

    public override long GetTimestamp() =>
        base.GetTimestamp() + (Interlocked.Read(ref passedTicks) * (TimestampFrequency / TimeSpan.TicksPerSecond));
}
