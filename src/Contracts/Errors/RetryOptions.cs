namespace Cdc.Contracts.Errors;

/// <summary>How what fails for one table is tried again: after a second, then after ever longer pauses.</summary>
public sealed record RetryOptions
{
    /// <summary>
    /// The longest pause. Default: 15 minutes. Allowed: 1 second to 1 day. A shorter pause notices earlier that the cause is gone, and
    /// asks the database more often.
    /// </summary>
    public TimeSpan Longest { get; init; } = TableTrouble.UsualLongestPause;
}
