namespace Cdc.Benchmarks.Running;

/// <summary>
/// Subject and baseline after one another on the same bytes, the order turned each time (ABBA), the first pair thrown away. What counts is
/// the median of the pairs' own ratios: what else the machine does hits both of a pair.
/// </summary>
internal static class Pairs
{
    public static async Task<Figure> RunAsync(
        string measure, int pairs, string baselineName, Func<Task<RungResult>> subject, Func<Task<RungResult>> baseline)
    {
        var found = new List<(RungResult Subject, RungResult Baseline)>();
        for (var pair = 0; pair < pairs; pair++)
        {
            if (pair % 2 == 0)
            {
                var first = await subject();
                found.Add((first, await baseline()));
            }
            else
            {
                var first = await baseline();
                found.Add((await subject(), first));
            }
        }

        var kept = found.Skip(1).ToList();
        return new Figure
        {
            Measure = measure,
            Rows = kept[0].Subject.Rows,
            Seconds = Median(kept.Select(pair => pair.Subject.Seconds)),
            Rate = Median(kept.Select(pair => pair.Subject.Rate)),
            Baseline = baselineName,
            BaselineRate = Median(kept.Select(pair => pair.Baseline.Rate)),
            Ratio = Median(kept.Select(pair => pair.Subject.Rate / pair.Baseline.Rate)),
            RatioLow = kept.Min(pair => pair.Subject.Rate / pair.Baseline.Rate),
            RatioHigh = kept.Max(pair => pair.Subject.Rate / pair.Baseline.Rate),
            CpuMicrosecondsPerRow = Median(kept.Select(pair => pair.Subject.CpuMicrosecondsPerRow)),
            BaselineCpuMicrosecondsPerRow = Median(kept.Select(pair => pair.Baseline.CpuMicrosecondsPerRow)),
            PeakRssMb = kept.Max(pair => pair.Subject.PeakRssMb),
        };
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>The value that a share of all values does not exceed.</summary>
    public static double Percentile(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];
}
