using Cdc.Capture.Postgres.Catalog;
using Cdc.Contracts.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>What a publication does not send of the tables that it publishes: rows, columns, partitions.</summary>
/// <param name="Table">Of a partition: the topmost table.</param>
/// <param name="Kind">Which of them.</param>
/// <param name="Name">The column's, or the partition's; empty for rows.</param>
internal sealed record UnsentPart(TableId Table, UnsentKind Kind, string Name);

/// <summary>The order is that of the query's letters.</summary>
internal enum UnsentKind
{
    Rows,
    GeneratedColumn,
    ForeignPartition,
}

/// <summary>Reads <see cref="UnsentPart"/>s, from the catalog's own tables only: it waits for nobody's lock.</summary>
internal static class UnsentParts
{
    /// <summary>The version from which on publications have filters and lists of columns.</summary>
    private const int WithParts = 15;

    /// <param name="session">Where to ask.</param>
    /// <param name="publication">Which one.</param>
    /// <param name="tables">
    /// The numbers of those that it publishes: only their columns are looked at, for a catalog may have millions.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<UnsentPart>> ReadAsync(
        NpgsqlConnection session, string publication, uint[] tables, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql(SourceSession.MajorOf(session)), session)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = publication },
                new NpgsqlParameter { Value = tables, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid },
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var parts = new List<UnsentPart>();
        while (await row.ReadAsync(cancellationToken))
            parts.Add(new UnsentPart(new TableId(row.GetString(0), row.GetString(1)), (UnsentKind)row.GetInt32(2), row.GetString(3)));
        return parts;
    }

    private static string Sql(int major) => $"""
        WITH pub AS (SELECT p.oid, p.puballtables, coalesce(to_jsonb(p) ->> 'pubgencols', '') = 's' AS sends_stored
            FROM pg_catalog.pg_publication p WHERE p.pubname = $1)
        {(major < WithParts ? "" : """
        SELECT n.nspname::text, c.relname::text, 0, ''
        FROM pub JOIN pg_catalog.pg_publication_rel r ON r.prpubid = pub.oid AND r.prqual IS NOT NULL AND NOT pub.puballtables
        JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_publication_namespace s WHERE s.pnpubid = pub.oid AND s.pnnspid = c.relnamespace)
        UNION ALL
        """)}
        SELECT n.nspname::text, c.relname::text, 1, a.attname::text
        FROM pub CROSS JOIN pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attrelid = ANY ($2) AND a.attgenerated <> '' AND a.attnum > 0 AND NOT a.attisdropped AND {(major < WithParts ? "true" : """
            CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_publication_rel r
                WHERE r.prpubid = pub.oid AND r.prrelid = c.oid AND r.prattrs IS NOT NULL)
                THEN NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel r
                    WHERE r.prpubid = pub.oid AND r.prrelid = c.oid AND a.attnum = ANY (r.prattrs::int2[]))
                ELSE a.attgenerated <> 's' OR NOT pub.sends_stored END
            """)}
        UNION ALL
        SELECT n.nspname::text, c.relname::text, 2, ln.nspname || '.' || l.relname
        FROM pub CROSS JOIN pg_catalog.pg_class l
        JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
        JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.pg_partition_root(l.oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.relkind = 'f' AND l.relispartition
        ORDER BY 1, 2, 3, 4
        """;
}
