namespace Cdc.Control.Metrics;

/// <summary>One series' numbers.</summary>
internal sealed class MetricSeries(double[] bounds)
{
    private readonly Lock gate = new();
    private readonly long[] buckets = new long[bounds.Length];
    private double value;
    private long count;

    public void Add(double measurement)
    {
        lock (gate)
            value += measurement;
    }

    public void Set(double measurement)
    {
        lock (gate)
            value = measurement;
    }

    /// <summary>Counts the measurement in the first bucket whose bound it does not exceed.</summary>
    public void Record(double measurement)
    {
        var bucket = Array.FindIndex(bounds, bound => measurement <= bound);
        lock (gate)
        {
            value += measurement;
            count++;
            if (bucket >= 0)
                buckets[bucket]++;
        }
    }

    /// <summary>The value (of a histogram: the sum), the number of measurements, and for each bound how many were at or below it.</summary>
    public (double Value, long Count, IReadOnlyList<(double Bound, long Cumulative)> Buckets) Read()
    {
        lock (gate)
        {
            var cumulative = new (double, long)[bounds.Length];
            long below = 0;
            for (var i = 0; i < bounds.Length; i++)
                cumulative[i] = (bounds[i], below += buckets[i]);
            return (value, count, cumulative);
        }
    }
}
