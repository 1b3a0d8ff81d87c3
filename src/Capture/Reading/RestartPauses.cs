namespace Cdc.Capture.Reading;

/// <summary>How long a table rests that was found otherwise while it was read: it may be changed again at once.</summary>
public static class RestartPauses
{
    /// <summary>From so many on, people are told.</summary>
    public const int Many = 3;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>The first time none, then ever longer.</summary>
    public static TimeSpan After(int restarts, TimeSpan longest)
    {
        if (restarts <= 1)
            return TimeSpan.Zero;
        var pause = First * Math.Pow(2, Math.Min(restarts - 2, 20));
        return pause < longest ? pause : longest;
    }
}
