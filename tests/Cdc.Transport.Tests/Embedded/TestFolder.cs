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
    private long shiftedTicks;

    public void Shift(TimeSpan by) => Interlocked.Add(ref shiftedTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref shiftedTicks));
}
