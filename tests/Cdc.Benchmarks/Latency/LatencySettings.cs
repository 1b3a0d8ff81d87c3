using System.Text.Json;

namespace Cdc.Benchmarks.Latency;

/// <summary>What a latency rung is told.</summary>
/// <param name="Sink">Whether a sink runs beside capture, into the database <c>target</c>.</param>
/// <param name="Rows">Changes that will come.</param>
/// <param name="Warming">Of them, how many come before the clock counts.</param>
internal sealed record LatencySettings(int Port, string Folder, bool Sink, long Rows, long Warming)
{
    public static LatencySettings Parse(string json) => JsonSerializer.Deserialize<LatencySettings>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);
}
