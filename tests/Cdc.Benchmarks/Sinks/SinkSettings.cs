using System.Text.Json;
using Cdc.Sink;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;

namespace Cdc.Benchmarks.Sinks;

/// <summary>What a sink rung is told.</summary>
/// <param name="Database">A PostgreSQL database, or a DuckDB file where <paramref name="Port"/> is 0.</param>
/// <param name="LogFolder">The embedded log it reads.</param>
/// <param name="Warming">Changes before the clock starts.</param>
/// <param name="Changes">Changes in all.</param>
internal sealed record SinkSettings(int Port, string Database, string LogFolder, long Warming, long Changes)
{
    public static SinkSettings Parse(string json) => JsonSerializer.Deserialize<SinkSettings>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);

    public static SinkOptions Options() => new()
    {
        Name = "bench",
        Batch = new BatchOptions { Rows = SinkWorkload.BatchRows, Bytes = 64 << 20, Time = TimeSpan.FromMinutes(1) },
    };

    public ITableWriter OpenWriter() => Port == 0
        ? new DuckDbTableWriter(new DuckDbTargetOptions { Path = Database })
        : new PostgresTableWriter(new PostgresTargetOptions
        {
            Host = PostgresServer.Host, Port = Port, Database = Database, User = PostgresServer.User,
        }, TimeProvider.System);
}
