using Cdc.Contracts.Schema;
using Npgsql;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// Which tables a publication publishes, without waiting for anybody's lock: the view <c>pg_publication_tables</c> opens each of them.
/// </summary>
internal static class PublishedTables
{
    /// <summary>The version in which publications can name schemas.</summary>
    private const int OfSchemas = 15;

    private const string Publishable = "c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND c.oid >= 16384";

    /// <summary>By the names that the stream has.</summary>
    public static async Task<IReadOnlyList<(uint Oid, TableId Id)>> ReadAsync(
        NpgsqlConnection session, string publication, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql(SourceSession.MajorOf(session)), session);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = publication });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<(uint, TableId)>();
        while (await reader.ReadAsync(cancellationToken))
            tables.Add((reader.GetFieldValue<uint>(0), new TableId(reader.GetString(1), reader.GetString(2))));
        return tables;
    }

    /// <summary>
    /// The tables that publication $1 publishes, under the names that the stream has: with <c>publish_via_partition_root</c> the topmost
    /// one that it names, else the partitions.
    /// </summary>
    private static string Sql(int major) => $"""
        WITH RECURSIVE pub AS (SELECT oid, puballtables, pubviaroot FROM pg_catalog.pg_publication WHERE pubname = $1),
        member AS (
            SELECT r.prrelid AS oid FROM pg_catalog.pg_publication_rel r JOIN pub ON r.prpubid = pub.oid
            {(major < OfSchemas ? "" : $"""
            UNION
            SELECT c.oid FROM pg_catalog.pg_publication_namespace s JOIN pub ON s.pnpubid = pub.oid
                JOIN pg_catalog.pg_class c ON c.relnamespace = s.pnnspid WHERE {Publishable}
            """)}
            UNION
            SELECT c.oid FROM pub JOIN pg_catalog.pg_class c ON pub.puballtables WHERE {Publishable}),
        up AS (
            SELECT member.oid, i.inhparent AS above
            FROM member JOIN pg_catalog.pg_class c ON c.oid = member.oid AND c.relispartition
                JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
            UNION
            SELECT up.oid, i.inhparent
            FROM up JOIN pg_catalog.pg_class c ON c.oid = up.above AND c.relispartition
                JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid),
        down AS (
            SELECT oid FROM member
            UNION
            SELECT i.inhrelid FROM down JOIN pg_catalog.pg_class c ON c.oid = down.oid AND c.relkind = 'p'
                JOIN pg_catalog.pg_inherits i ON i.inhparent = c.oid)
        SELECT c.oid, n.nspname::text, c.relname::text
        FROM pub
        JOIN pg_catalog.pg_class c ON CASE WHEN pub.pubviaroot
            THEN c.oid IN (SELECT oid FROM member) AND c.oid NOT IN (SELECT up.oid FROM up JOIN member ON member.oid = up.above)
            ELSE c.relkind = 'r' AND c.oid IN (SELECT oid FROM down) END
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        """;
}
