using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tables;

/// <summary>What keeps a table from going on.</summary>
/// <param name="Error">What was met last.</param>
/// <param name="Tries">How often it was met in a row.</param>
/// <param name="NextTry">When the failed step is tried again by itself; null where somebody has to do something first.</param>
public sealed record TableTrouble(CdcException Error, int Tries, DateTimeOffset? NextTry)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    /// <summary>A lock is let go any time, and trying whether it is costs little.</summary>
    private static readonly TimeSpan LongestForLock = TimeSpan.FromSeconds(5);

    /// <summary>The trouble after one more try: pauses double, from a second to a quarter of an hour, or to a few seconds where somebody has a lock.</summary>
    public static TableTrouble After(TableTrouble? before, CdcException error, DateTimeOffset now)
    {
        var tries = (before?.Tries ?? 0) + 1;
        return new TableTrouble(error, tries, ErrorPolicy.PassesByItself(error.Kind) ? now + PauseAfter(tries, error) : null);
    }

    private static TimeSpan PauseAfter(int tries, CdcException error)
    {
        var longest = error.Code == ErrorCodes.SourceTableLocked || error.Code == ErrorCodes.SourceReadGaveWay ? LongestForLock : LongestPause;
        return tries >= 11 ? longest : FirstPause * (1 << (tries - 1)) is var pause && pause < longest ? pause : longest;
    }
}
