namespace Cdc.Benchmarks.Running;

/// <summary>Waiting that belongs to a measure: for time itself to pass, and for the runtime to be warm.</summary>
internal static class Waiting
{
    public static async Task ForAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }

    /// <summary>Until the compiler has had nothing to do for half a second: what is hot is compiled for good then. At most 20 s.</summary>
    public static async Task ForCompilerAsync()
    {
        var last = -1L;
        for (var round = 0; round < 40 && JitCount() != last; round++)
        {
            last = JitCount();
            await ForAsync(TimeSpan.FromMilliseconds(500));
        }
    }

    private static long JitCount() => System.Runtime.JitInfo.GetCompiledMethodCount();
}
