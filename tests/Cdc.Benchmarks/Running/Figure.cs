namespace Cdc.Benchmarks.Running;

/// <summary>One line of the report. What a measure does not have is null.</summary>
internal sealed record Figure
{
    public required string Measure { get; init; }

    public long? Rows { get; init; }

    public double? Seconds { get; init; }

    public double? Rate { get; init; }

    public string? Baseline { get; init; }

    public double? BaselineRate { get; init; }

    public double? Ratio { get; init; }

    public double? RatioLow { get; init; }

    public double? RatioHigh { get; init; }

    public double? CpuMicrosecondsPerRow { get; init; }

    public double? BaselineCpuMicrosecondsPerRow { get; init; }

    public double? P50Ms { get; init; }

    public double? P99Ms { get; init; }

    public double? RssMb { get; init; }

    public double? PeakRssMb { get; init; }

    public bool Correct { get; init; }
}
