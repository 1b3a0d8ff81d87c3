namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// What publications publish, from the catalog's own tables. The view <c>pg_publication_tables</c> opens every table (16 and later), and so
/// waits for whoever has locked one; nothing here takes a lock.
/// </summary>
internal static class PublicationSql
{
    /// <summary>The tables that somebody has locked, or waits to lock, against every reader.</summary>
    public const string Locked = """
        ARRAY(SELECT l.relation FROM pg_catalog.pg_locks l
              WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
                AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
        """;

    /// <summary>
    /// A table's partitions at all levels, itself among them, as a subquery of one column <c>oid</c>. The function <c>pg_partition_tree</c>
    /// locks each of them.
    /// </summary>
    /// <param name="table">An expression: the table's oid.</param>
    public static string Tree(string table) => $"""
        (WITH RECURSIVE tree(oid) AS (
            SELECT ({table})::oid
            UNION ALL
            SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid AND NOT i.inhdetachpending)
         SELECT tree.oid FROM tree)
        """;

    /// <summary>
    /// A subquery with the columns <c>pubname</c>, <c>schemaname</c>, <c>tablename</c> and <c>attnames</c> of the view, the last as the
    /// stream sends them: generated columns only where a column list or the publication (18) says so. Beside them <c>relid</c>, and
    /// <c>filter</c>, the row filter's tree (15 and later): what it is in SQL only <c>pg_get_expr</c> tells, which locks the table.
    /// </summary>
    /// <param name="major">The server's major version.</param>
    public static string Tables(int major) => $"""
        (SELECT p.pubname::text AS pubname, n.nspname::text AS schemaname, c.relname::text AS tablename, c.oid AS relid,
                ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND {Sent(major)}
                      ORDER BY a.attnum) AS attnames,
                {(major < 15 ? "NULL::text" : "own.prqual::text")} AS filter
         FROM pg_catalog.pg_publication p
         CROSS JOIN LATERAL (
             SELECT g.oid FROM pg_catalog.pg_class g WHERE {IsGiven("g", major)} AND (g.relkind <> 'p' OR p.pubviaroot)
             UNION
             SELECT leaf.oid
             FROM pg_catalog.pg_class g
             CROSS JOIN LATERAL {Tree("g.oid")} part
             JOIN pg_catalog.pg_class leaf ON leaf.oid = part.oid AND leaf.relkind <> 'p'
             WHERE {IsGiven("g", major)} AND g.relkind = 'p' AND NOT p.pubviaroot) found
         JOIN pg_catalog.pg_class c ON c.oid = found.oid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         {(major < 15 ? "" : """
         LEFT JOIN pg_catalog.pg_publication_rel own ON own.prpubid = p.oid AND own.prrelid = c.oid AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace)
         """)}
         WHERE NOT (p.pubviaroot AND c.relispartition AND EXISTS (
             WITH RECURSIVE up(oid) AS (
                 SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid
                 UNION ALL
                 SELECT i.inhparent FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.oid)
             SELECT FROM up JOIN pg_catalog.pg_class a ON a.oid = up.oid WHERE {IsGiven("a", major)})))
        """;

    private static string Sent(int major) => major switch
    {
        < 15 => "a.attgenerated = ''",
        < 18 => "CASE WHEN own.prattrs IS NULL THEN a.attgenerated = '' ELSE a.attnum = ANY (own.prattrs::int2[]) END",
        _ => "CASE WHEN own.prattrs IS NULL THEN a.attgenerated = '' OR (a.attgenerated = 's' AND p.pubgencols = 's') ELSE a.attnum = " +
            "ANY (own.prattrs::int2[]) END",
    };

    /// <summary>Whether a row of <c>pg_class</c> is named by publication <c>p</c>: itself, by its schema, or with all tables.</summary>
    private static string IsGiven(string name, int major)
    {
        var wide = major < 15
            ? "p.puballtables"
            : "(p.puballtables OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace s WHERE s.pnpubid = p.oid " +
                $"AND s.pnnspid = {name}.relnamespace))";
        return $"""
            ({name}.relkind IN ('r', 'p') AND {name}.relpersistence = 'p' AND {name}.oid >= 16384 AND ({wide}
             OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = {name}.oid)))
            """;
    }
}
