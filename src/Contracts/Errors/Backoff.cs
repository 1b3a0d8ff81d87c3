namespace Cdc.Contracts.Errors;

/// <summary>
/// How long to wait before the next try: doubles from a tenth of a second up to a ceiling, with some chance so that many do not come at
/// once.
/// </summary>
public sealed class Backoff(TimeProvider clock, TimeSpan? ceiling = null)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    private readonly TimeSpan ceiling = ceiling ?? TimeSpan.FromSeconds(30);
    private int failures;

    /// <summary>Tries that failed since the last success.</summary>
    public int Failures => failures;

    /// <summary>
    /// Whether the next wait is longer than the one before; at the ceiling it no longer is, and an error that stays the same is no news.
    /// </summary>
    public bool IsGrowing => failures == 0 || Length(failures - 1) < ceiling.TotalMilliseconds;

    /// <summary>Something worked: the next wait is short again.</summary>
    public void Reset() => failures = 0;

    /// <summary>Waits once more, longer than before.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = Length(failures++);
#pragma warning disable CA5394 // Spreads retries; nothing secret depends on it.
        var spread = 0.5 + (Random.Shared.NextDouble() / 2);
#pragma warning restore CA5394
        return Task.Delay(TimeSpan.FromMilliseconds(wait * spread), clock, cancellationToken);
    }

    private double Length(int before) => Math.Min(ceiling.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(before, 20)));
}
