namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// The queries of a look at the catalog. They read the catalog's own tables and nothing else: the views and functions that tell the same
/// (<c>pg_publication_tables</c>, <c>pg_partition_tree</c>, <c>pg_relation_filenode</c>, casts to <c>regclass</c>) open the tables that
/// they tell of, or read another snapshot, and wait where somebody changes one.
/// </summary>
internal static class FingerprintSql
{
    /// <summary>The version in which publications can name schemas, filter rows and list columns.</summary>
    public const int RichPublications = 15;

    public const string Begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    /// <summary>Those of the numbers $1 that no table has.</summary>
    public const string Gone = """
        SELECT asked.oid FROM unnest($1) AS asked(oid) WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = asked.oid)
        """;

    /// <summary>What those of the numbers $1 are called that are there.</summary>
    public const string Names = """
        SELECT c.oid, n.nspname::text, c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = ANY ($1)
        """;

    /// <summary>The snapshot is of the statement's start, and the position behind all that it sees.</summary>
    public const string Position = "SELECT pg_catalog.pg_current_wal_insert_lsn()::text";

    /// <summary>
    /// Of types $1: by each of them, the labels of the enums and the attributes of the composites that its text depends on.
    /// </summary>
    public const string Types = """
        WITH RECURSIVE used(root, oid) AS (
            SELECT t.oid, t.oid FROM unnest($1) AS t(oid)
            UNION
            SELECT used.root, part.oid
            FROM used JOIN pg_catalog.pg_type y ON y.oid = used.oid
            CROSS JOIN LATERAL (
                SELECT y.typelem AS oid WHERE y.typelem <> 0
                UNION ALL SELECT y.typbasetype WHERE y.typtype = 'd'
                UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r
                    WHERE y.typtype IN ('r', 'm') AND y.oid IN (r.rngtypid, r.rngmultitypid)
                UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                    WHERE y.typtype = 'c' AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped) part)
        SELECT used.root, e.oid, e.enumlabel::text FROM used JOIN pg_catalog.pg_enum e ON e.enumtypid = used.oid
        UNION ALL
        SELECT used.root, y.oid, (SELECT count(*) || ' ' || coalesce(string_agg(a.attnum || ':' || a.atttypid, ','
            ORDER BY a.attnum) FILTER (WHERE NOT a.attisdropped), '')
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = y.typrelid AND a.attnum > 0)
        FROM used JOIN pg_catalog.pg_type y ON y.oid = used.oid WHERE y.typtype = 'c'
        """;

    /// <summary>The columns of table <c>c</c>, in the order of their numbers.</summary>
    private const string Attributes = """
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(a.attnum::int4 ORDER BY a.attnum), ARRAY[]::int4[]) AS numbers,
                   coalesce(array_agg(a.attname::text ORDER BY a.attnum), ARRAY[]::text[]) AS names,
                   coalesce(array_agg(a.atttypid ORDER BY a.attnum), ARRAY[]::oid[]) AS types,
                   coalesce(array_agg(a.atttypmod ORDER BY a.attnum), ARRAY[]::int4[]) AS modifiers,
                   coalesce(array_agg(a.attgenerated::text ORDER BY a.attnum), ARRAY[]::text[]) AS generated,
                   coalesce(string_agg(a.attnum || ':' || a.xmin, ' ' ORDER BY a.attnum), '') AS stamps
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) attributes
        """;

    /// <summary>The tables that hold the rows of table <c>c</c>: itself, or its partitions to the last.</summary>
    private const string Parts = """
        CROSS JOIN LATERAL (
            WITH RECURSIVE tree(oid, link) AS (
                SELECT c.oid, ''
                UNION ALL
                SELECT i.inhrelid, tree.link || '/' || i.xmin
                FROM tree JOIN pg_catalog.pg_class k ON k.oid = tree.oid AND k.relkind = 'p'
                    JOIN pg_catalog.pg_inherits i ON i.inhparent = k.oid)
            SELECT coalesce(array_agg(l.oid ORDER BY l.oid), ARRAY[]::oid[]) AS oids,
                   coalesce(array_agg(ln.nspname::text ORDER BY l.oid), ARRAY[]::text[]) AS schemas,
                   coalesce(array_agg(l.relname::text ORDER BY l.oid), ARRAY[]::text[]) AS names,
                   coalesce(array_agg(l.relfilenode ORDER BY l.oid), ARRAY[]::oid[]) AS files,
                   coalesce(array_agg(l.xmin::text::int8 ORDER BY l.oid), ARRAY[]::int8[]) AS stamps,
                   coalesce(array_agg(tree.link ORDER BY l.oid), ARRAY[]::text[]) AS links
            FROM tree JOIN pg_catalog.pg_class l ON l.oid = tree.oid AND l.relkind = 'r'
                JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace) parts
        """;

    /// <summary>
    /// One row for each table of $2 that is there:
    /// - what it is,
    /// - how it belongs to publication $1: itself, by its schema, or by a table whose partition it is,
    /// - its columns,
    /// - the tables that hold its rows, each with its file and with the catalog rows that make it a partition.
    /// </summary>
    public static string Tables(int major) => $"""
        SELECT c.oid, n.nspname::text, c.relname::text, c.relreplident::text,
               coalesce((SELECT d.xmin::text FROM pg_catalog.pg_depend d
                   WHERE d.classid = 1259 AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = 2615), ''),
               coalesce(pub.oid || '/' || pub.xmin, ''),
               coalesce(concat(CASE WHEN pub.pubinsert THEN 'i' END, CASE WHEN pub.pubupdate THEN 'u' END,
                   CASE WHEN pub.pubdelete THEN 'd' END, CASE WHEN pub.pubtruncate THEN 't' END,
                   CASE WHEN pub.pubviaroot THEN 'r' END), ''),
               membership.rows, listed.numbers, coalesce(to_jsonb(pub) ->> 'pubgencols', '') IN ('s', 'true'),
               ARRAY(
                   SELECT k.number::int4 FROM pg_catalog.pg_index i
                       CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
                   WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate AND k.place <= i.indnkeyatts
                     AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END
                   ORDER BY k.place),
               c.relnatts::int4,
               attributes.numbers, attributes.names, attributes.types, attributes.modifiers, attributes.generated, attributes.stamps,
               ARRAY(SELECT a.attnum::int4 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attisdropped
                   ORDER BY a.attnum),
               ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.atthasmissing AND a.attnum > 0
                   AND a.attrelid = ANY (parts.oids || c.oid)),
               parts.oids, parts.schemas, parts.names, parts.files, parts.stamps, parts.links
        FROM unnest($2) AS asked(oid)
        JOIN pg_catalog.pg_class c ON c.oid = asked.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_publication pub ON pub.pubname = $1
        CROSS JOIN LATERAL (
            WITH RECURSIVE above(oid) AS (
                SELECT c.oid
                UNION
                SELECT i.inhparent FROM above JOIN pg_catalog.pg_class k ON k.oid = above.oid AND k.relispartition
                    JOIN pg_catalog.pg_inherits i ON i.inhrelid = k.oid)
            SELECT ARRAY(
                SELECT 'table ' || r.oid || '/' || r.xmin FROM above
                    JOIN pg_catalog.pg_publication_rel r ON r.prrelid = above.oid AND r.prpubid = pub.oid
                UNION ALL SELECT 'all tables' WHERE pub.puballtables
                {(major < RichPublications ? "" : """
                UNION ALL
                SELECT 'schema ' || s.oid || '/' || s.xmin FROM above JOIN pg_catalog.pg_class k ON k.oid = above.oid
                    JOIN pg_catalog.pg_publication_namespace s ON s.pnnspid = k.relnamespace AND s.pnpubid = pub.oid
                """)}
                ORDER BY 1) AS rows) membership
        CROSS JOIN LATERAL (
            SELECT {(major < RichPublications ? "NULL::int4[]" : """
                CASE WHEN pub.puballtables OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace s
                    WHERE s.pnpubid = pub.oid AND s.pnnspid = c.relnamespace) THEN NULL
                ELSE (SELECT r.prattrs::int2[]::int4[] FROM pg_catalog.pg_publication_rel r
                    WHERE r.prpubid = pub.oid AND r.prrelid = c.oid) END
                """)} AS numbers) listed
        {Attributes}
        {Parts}
        WHERE c.relkind IN ('r', 'p')
        """;
}
