namespace Cdc.Contracts.Errors;

/// <summary>What keeps a table from going on.</summary>
/// <param name="Error">What was met last.</param>
/// <param name="Tries">How often it was met in a row.</param>
/// <param name="NextTry">When the failed step is tried again by itself; null where somebody has to do something first.</param>
public sealed record TableTrouble(CdcException Error, int Tries, DateTimeOffset? NextTry)
{
    /// <summary>More than a day by then.</summary>
    private const int MostDoublings = 18;

    /// <summary>The longest pause where nothing else is set.</summary>
    public static readonly TimeSpan UsualLongestPause = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>A lock is let go any time, and trying whether it is costs little.</summary>
    private static readonly TimeSpan LongestForLock = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The trouble after one more try: pauses double, from a second to the longest, or to a few seconds where somebody has a lock.
    /// </summary>
    public static TableTrouble After(TableTrouble? before, CdcException error, DateTimeOffset now, TimeSpan longest)
    {
        var tries = (before?.Tries ?? 0) + 1;
        if (!ErrorPolicy.PassesByItself(error.Kind))
            return new TableTrouble(error, tries, NextTry: null);
        return new TableTrouble(error, tries,
            now + PauseAfter(tries, IsLock(error.Code) && LongestForLock < longest ? LongestForLock : longest));
    }

    /// <summary>Whether what is waited for is that somebody lets a lock go.</summary>
    public bool IsForLock => IsLock(Error.Code);

    private static bool IsLock(ErrorCode code) =>
        code == ErrorCodes.SourceTableLocked || code == ErrorCodes.SourceReadGaveWay || code == ErrorCodes.TargetTableLocked;

    private static TimeSpan PauseAfter(int tries, TimeSpan longest) =>
        tries <= MostDoublings && FirstPause * (1 << (tries - 1)) is var pause && pause < longest ? pause : longest;
}
