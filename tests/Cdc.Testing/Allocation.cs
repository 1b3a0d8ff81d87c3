namespace Cdc.Testing;

/// <summary>What a piece of code allocates on its thread.</summary>
public static class Allocation
{
    /// <summary>
    /// Bytes of the cheapest of five rounds: the runtime itself allocates now and then, code that allocates does so every time.
    /// </summary>
    public static long Of(Action round)
    {
        round();
        var least = long.MaxValue;
        for (var i = 0; i < 5 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
