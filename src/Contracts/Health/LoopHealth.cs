using System.Collections.Concurrent;

namespace Cdc.Contracts.Health;

/// <summary>
/// Knows every loop of the process: a loop that neither ticks nor says what it waits for is stuck, and the process should be started again.
/// </summary>
public sealed class LoopHealth(TimeProvider clock)
{
    /// <summary>After how long a loop that does not tick is stuck, unless it knows better: far longer than any round takes.</summary>
    public static TimeSpan UsualPatience { get; } = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<Loop, byte> loops = new();

    /// <summary>
    /// A new loop, which ticks at least every <paramref name="patience"/> or says that it waits; dispose it when the loop ends.
    /// </summary>
    public Loop Register(string name, TimeSpan patience)
    {
        var loop = new Loop(name, patience, clock, ended => loops.TryRemove(ended, out _));
        loops.TryAdd(loop, 0);
        return loop;
    }

    /// <summary>Names of the loops that are stuck.</summary>
    public IReadOnlyList<string> FindStuck() =>
        [.. loops.Keys.Where(loop => loop.IsStuck).Select(loop => loop.Name).Order(StringComparer.Ordinal)];
}
