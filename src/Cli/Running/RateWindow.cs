namespace Cdc.Cli.Running;

/// <summary>How fast numbers grow, over about the last ten seconds.</summary>
internal sealed class RateWindow(TimeProvider clock)
{
    private static readonly TimeSpan Width = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<(DateTimeOffset At, long Value)>> series = new(StringComparer.Ordinal);

    /// <summary>Notes where a number is now.</summary>
    public void Note(string name, long value)
    {
        var now = clock.GetUtcNow();
        lock (gate)
        {
            if (!series.TryGetValue(name, out var samples))
                series.Add(name, samples = new Queue<(DateTimeOffset, long)>());
            samples.Enqueue((now, value));
            while (samples.Count > 2 && now - samples.ElementAt(1).At >= Width)
                samples.Dequeue();
        }
    }

    /// <summary>Its growth a second; null where it was not looked at for long enough.</summary>
    public double? PerSecond(string name)
    {
        lock (gate)
        {
            if (!series.TryGetValue(name, out var samples) || samples.Count < 2)
                return null;
            var (first, last) = (samples.Peek(), samples.Last());
            var time = last.At - first.At;
            return time >= Least ? Math.Max(0, last.Value - first.Value) / time.TotalSeconds : null;
        }
    }
}
