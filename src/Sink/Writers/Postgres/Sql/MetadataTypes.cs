using System.Collections.Immutable;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>The types of the platform's own columns in PostgreSQL.</summary>
internal static class MetadataTypes
{
    private static readonly ImmutableArray<string> Types = ["integer", "bigint", "timestamp with time zone"];

    public static IEnumerable<(string Name, string Type)> Of(MetadataColumns metadata) => metadata.Names.Zip(Types);

    public static IEnumerable<string> Definitions(
        MetadataColumns metadata) => Of(metadata).Select(column => $"{Identifiers.Quote(column.Name)} {column.Type}");
}
