using System.Diagnostics;
using System.Globalization;

namespace Cdc.Benchmarks.Running;

/// <summary>Wall and processor time of this process from its making on.</summary>
internal readonly struct Meter
{
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly TimeSpan cpu = Cpu;

    public Meter()
    {
    }

    private static TimeSpan Cpu => Environment.CpuUsage.TotalTime;

    public RungResult Stop(long rows, ulong digest = 0) =>
        new(rows, Stopwatch.GetElapsedTime(started).TotalSeconds, (Cpu - cpu).TotalSeconds, PeakRssMb("self"), digest);

    public static double PeakRssMb(string process) => StatusMb(process, "VmHWM:");

    public static double RssMb(string process) => StatusMb(process, "VmRSS:");

    private static double StatusMb(string process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture)
            / 1024;
    }
}
