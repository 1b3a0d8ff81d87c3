using System.Text.Json;
using Cdc.Capture.Postgres;
using Cdc.Testing;

namespace Cdc.Benchmarks.Snapshots;

/// <summary>What a rung that reads a table is told.</summary>
/// <param name="Rows">Rows of the table that is read under the clock.</param>
/// <param name="WarmRows">Rows of the table to warm up with.</param>
/// <param name="Folder">Where the embedded log lies; null: what is read is discarded.</param>
/// <param name="Verify">Digest what came instead of measuring.</param>
internal sealed record SnapshotSettings(int Port, long Rows, long WarmRows, string? Folder, bool Verify)
{
    public const string Database = "source";
    public const string Table = "orders";
    public const string WarmTable = "warm";

    public static SnapshotSettings Parse(string json) => JsonSerializer.Deserialize<SnapshotSettings>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>A slot and a publication of its own for each table.</summary>
    public PostgresOptions Source(string table) => new()
    {
        Host = PostgresServer.Host,
        Port = Port,
        Database = Database,
        User = PostgresServer.User,
        Slot = table,
        Publication = table,
        Create = true,
    };
}
