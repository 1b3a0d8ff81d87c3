using System.Text.Json;

namespace Cdc.Benchmarks.Running;

/// <summary>What one run found: its fixed work, and what it cost.</summary>
/// <param name="Rows">Changes, records or rows done.</param>
/// <param name="Seconds">Wall time of the work.</param>
/// <param name="CpuSeconds">User and system time of the subject's process during the work.</param>
/// <param name="PeakRssMb">The most memory its process ever had (VmHWM).</param>
/// <param name="Digest">An order-independent sum over what was done; 0 where none was made.</param>
internal sealed record RungResult(long Rows, double Seconds, double CpuSeconds, double PeakRssMb, ulong Digest)
{
    public double Rate => Rows / Seconds;

    public double CpuMicrosecondsPerRow => CpuSeconds * 1e6 / Rows;

    public static RungResult Parse(string json) => JsonSerializer.Deserialize<RungResult>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);
}
