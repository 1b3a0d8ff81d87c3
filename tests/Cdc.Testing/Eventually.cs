using System.Diagnostics;

namespace Cdc.Testing;

/// <summary>The one place in the tests that polls: for facts of other processes, which signal nobody.</summary>
public static class Eventually
{
    /// <summary>Asks until the answer is yes; fails with <paramref name="what"/> when the time is over.</summary>
    public static async Task HoldsAsync(
        string what, Func<Task<bool>> question, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        var limit = within ?? TimeSpan.FromSeconds(30);
        var clock = Stopwatch.StartNew();
        while (!await question())
        {
            if (clock.Elapsed > limit)
                throw new TimeoutException($"After {limit.TotalSeconds:0} s it still does not hold that {what}.");
            await Task.Delay(50, cancellationToken);
        }
    }

    public static Task HoldsAsync(
        string what, Func<bool> question, TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        HoldsAsync(what, () => Task.FromResult(question()), within, cancellationToken);
}
