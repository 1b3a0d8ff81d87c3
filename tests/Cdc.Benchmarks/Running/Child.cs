using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cdc.Benchmarks.Running;

/// <summary>Processes of this run: rungs of this program, and the programs they are measured against.</summary>
internal static class Child
{
    /// <summary>Runs a rung in a process of its own.</summary>
    public static async Task<RungResult> RungAsync(string rung, string settings) =>
        RungResult.Parse((await RunAsync(Environment.ProcessPath!, ["rung", rung, settings])).Split('\n',
            StringSplitOptions.RemoveEmptyEntries)[^1]);

    /// <summary>Runs another program that does a known number of rows; its processor time is all its process used.</summary>
    public static async Task<RungResult> ProgramAsync(long rows, string program, params string[] arguments)
    {
        var cpu = ChildrenCpuSeconds();
        var started = Stopwatch.GetTimestamp();
        await RunAsync(program, arguments);
        return new RungResult(rows, Stopwatch.GetElapsedTime(started).TotalSeconds, ChildrenCpuSeconds() - cpu, 0, 0);
    }

    public static async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"'{program} {string.Join(' ', arguments)}' ended with {process.ExitCode}: {await output}{await errors}");
        return await output;
    }

    // getrusage(RUSAGE_CHILDREN): user and system time of all children that ended; struct timeval is two 64-bit numbers on 64-bit Linux.
    private static unsafe double ChildrenCpuSeconds()
    {
        const int children = -1;
        var usage = stackalloc long[18];
        if (GetResourceUsage(children, usage) != 0)
            throw new InvalidOperationException("The children's processor time could not be read.");
        return usage[0] + usage[1] / 1e6 + usage[2] + usage[3] / 1e6;
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern unsafe int GetResourceUsage(int who, long* usage);
}
