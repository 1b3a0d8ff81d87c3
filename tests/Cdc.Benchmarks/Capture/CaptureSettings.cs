using System.Text.Json;
using Cdc.Capture.Postgres;
using Cdc.Testing;

namespace Cdc.Benchmarks.Capture;

/// <summary>What a capture rung is told.</summary>
/// <param name="WarmSlot">A copy of the slot to warm up with.</param>
/// <param name="Slot">The copy of the slot that is read under the clock.</param>
/// <param name="Folder">Where an embedded log may lie.</param>
/// <param name="Verify">Digest what came instead of measuring.</param>
internal sealed record CaptureSettings(int Port, string WarmSlot, string Slot, long Warming, long Changes, string Folder, bool Verify)
{
    public static CaptureSettings Parse(string json) => JsonSerializer.Deserialize<CaptureSettings>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);

    public PostgresOptions Source(string slot) => new()
    {
        Host = PostgresServer.Host,
        Port = Port,
        Database = CaptureWorkload.Database,
        User = PostgresServer.User,
        Slot = slot,
        Publication = CaptureWorkload.Publication,
    };
}
