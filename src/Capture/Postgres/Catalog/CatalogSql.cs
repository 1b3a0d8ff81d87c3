namespace Cdc.Capture.Postgres.Catalog;

/// <summary>The catalog's queries; each is one statement, so one snapshot. None waits for a table's lock.</summary>
internal static class CatalogSql
{
    /// <summary>Permanent tables outside of the system's schemas; unlogged and temporary ones have no changes in the log.</summary>
    public const string Names = """
        SELECT c.oid, n.nspname::text, c.relname::text
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relpersistence = 'p' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
          AND CASE WHEN $1 THEN c.relkind IN ('r', 'p') AND NOT c.relispartition ELSE c.relkind = 'r' END
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>
    /// The key's columns of table $1 under replica identity $2, in the key's order; no row where the table is gone. A deferrable or invalid
    /// index identifies nothing, and included columns are not of the key. Beside them, which of these are generated.
    /// </summary>
    public const string Key = """
        SELECT key.names, key.generated
        FROM pg_catalog.pg_class c
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(a.attname::text ORDER BY k.place), '{}') AS names,
                   coalesce(array_agg(a.attname::text ORDER BY k.place) FILTER (WHERE a.attgenerated <> ''), '{}') AS generated
            FROM pg_catalog.pg_index i
            CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
            WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate AND k.place <= i.indnkeyatts
              AND CASE $2 WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END) key
        WHERE c.oid = $1
        """;

    /// <summary>
    /// One row a table. The key's index: of the replica identity, or with identity full the primary key; else as <see cref="Key"/>.
    /// </summary>
    public static string Tables { get; } = $$"""
        SELECT c.oid, n.nspname::text, c.relname::text, c.relkind = 'p', c.relreplident::text, key.names,
               attributes.numbers, attributes.names, attributes.types, attributes.modifiers, attributes.nullable, attributes.generated,
               sizes.rows, coalesce(pg_catalog.pg_relation_filenode(c.oid), 0::oid),
               leaves.oids, leaves.schemas, leaves.names, leaves.files, leaves.identities
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT ARRAY(
                SELECT a.attname::text
                FROM pg_catalog.pg_index i
                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate AND k.place <= i.indnkeyatts
                  AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END
                ORDER BY k.place) AS names) key
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(a.attnum ORDER BY a.attnum), '{}') AS numbers,
                   coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}') AS names,
                   coalesce(array_agg(a.atttypid ORDER BY a.attnum), '{}') AS types,
                   coalesce(array_agg(a.atttypmod ORDER BY a.attnum), '{}') AS modifiers,
                   coalesce(array_agg(NOT a.attnotnull ORDER BY a.attnum), '{}') AS nullable,
                   coalesce(array_agg(a.attgenerated <> '' ORDER BY a.attnum), '{}') AS generated
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) attributes
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(l.oid ORDER BY l.oid), '{}') AS oids,
                   coalesce(array_agg(ln.nspname::text ORDER BY l.oid), '{}') AS schemas,
                   coalesce(array_agg(l.relname::text ORDER BY l.oid), '{}') AS names,
                   coalesce(array_agg(coalesce(pg_catalog.pg_relation_filenode(l.oid), 0::oid) ORDER BY l.oid), '{}') AS files,
                   coalesce(array_agg(l.relreplident::text ORDER BY l.oid), '{}') AS identities
            FROM {{PublicationSql.Tree("c.oid")}} tree
            JOIN pg_catalog.pg_class l ON l.oid = tree.oid
            JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
            WHERE c.relkind = 'p' AND l.relkind <> 'p') leaves
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(greatest(s.reltuples, 0)), 0)::int8 AS rows
            FROM pg_catalog.pg_class s
            WHERE s.oid = ANY (CASE WHEN c.relkind = 'p' THEN leaves.oids ELSE ARRAY[c.oid] END) AND s.relkind <> 'f') sizes
        WHERE c.oid = ANY ($1) AND c.relkind IN ('r', 'p')
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>
    /// Pages and bytes of the tables $1, long values included. To ask for a size waits for the table's lock: of one that is locked just now
    /// it is what was last estimated.
    /// </summary>
    public static string Sizes { get; } = $"""
        SELECT t.oid, CASE WHEN c.oid = ANY (locked.oids) THEN {Estimated} ELSE pg_catalog.pg_relation_size(c.oid) END / {BlockSize},
               CASE WHEN c.oid = ANY (locked.oids) THEN {Estimated} ELSE pg_catalog.pg_table_size(c.oid) END
        FROM (SELECT {PublicationSql.Locked} AS oids) locked, unnest($1) AS t(oid) JOIN pg_catalog.pg_class c ON c.oid = t.oid
        """;

    /// <summary>As <see cref="Sizes"/>, where a lock came in between.</summary>
    public const string EstimatedSizes = $"""
        SELECT t.oid, {Estimated} / {BlockSize}, {Estimated} FROM unnest($1) AS t(oid) JOIN pg_catalog.pg_class c ON c.oid = t.oid
        """;

    private const string BlockSize = "pg_catalog.current_setting('block_size')::int8";

    private const string Estimated = $"greatest(c.relpages, 0)::int8 * {BlockSize}";
}
