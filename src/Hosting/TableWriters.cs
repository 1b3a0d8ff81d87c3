using Cdc.Contracts.Errors;
using Cdc.Sink;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;

namespace Cdc.Hosting;

/// <summary>The writer of each kind of target.</summary>
public static class TableWriters
{
    public static ITableWriter Open(SinkOptions sink, TimeProvider clock) => sink switch
    {
        { Postgres: { } postgres } => new PostgresTableWriter(postgres, clock, MetadataOf(sink)),
        { DuckDb: { } duckDb } => new DuckDbTableWriter(duckDb, MetadataOf(sink)),
        _ => throw new CdcException(ErrorCodes.Internal, $"Sink '{sink.Name}' has no target."),
    };

    private static MetadataColumns MetadataOf(SinkOptions sink) => new(sink.Target.Metadata.Prefix);
}
