using System.Collections.Immutable;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>The columns every target table has beside the source's: which record wrote the row last, and when the source committed it.</summary>
internal static class MetadataColumns
{
    public const string Partition = "_cdc_partition";
    public const string Offset = "_cdc_offset";
    public const string CommittedAt = "_cdc_committed_at";

    public static ImmutableArray<string> Names { get; } = [Partition, Offset, CommittedAt];

    public static ImmutableArray<string> Types { get; } = ["integer", "bigint", "timestamp with time zone"];
}
