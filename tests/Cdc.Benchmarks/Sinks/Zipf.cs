namespace Cdc.Benchmarks.Sinks;

/// <summary>
/// Keys as YCSB draws them (Gray et al., "Quickly generating billion-record synthetic databases"): rank r comes with a frequency of
/// 1 / r^0.99; ranks are scattered over the keys.
/// </summary>
internal sealed class Zipf
{
    private const double Theta = 0.99;

    private readonly long keys;
    private readonly Random random;
    private readonly double zeta;
    private readonly double eta;

    public Zipf(long keys, int seed)
    {
        this.keys = keys;
        random = new Random(seed);
        for (var rank = 1L; rank <= keys; rank++)
            zeta += Math.Pow(rank, -Theta);
        eta = (1 - Math.Pow(2.0 / keys, 1 - Theta)) / (1 - (1 + Math.Pow(0.5, Theta)) / zeta);
    }

    /// <summary>A key from 0 on.</summary>
    public long Next()
    {
        var drawn = random.NextDouble();
        var scaled = drawn * zeta;
        var rank = scaled < 1 ? 0 : scaled < 1 + Math.Pow(0.5, Theta) ? 1 : (long)(keys * Math.Pow(eta * drawn - eta + 1, 1 / (1 - Theta)));
        return Math.Min(rank, keys - 1) * 7919 % keys;
    }
}
