namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>Questions to the server's catalog; names travel as parameters.</summary>
internal static class CatalogStatements
{
    /// <summary>The kind of what has a name: <c>r</c> and <c>p</c> are tables.</summary>
    public const string Kind = """
        SELECT c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
        """;

    /// <summary>Columns in order: name, type as <c>format_type</c> spells it, and whether the server computes it.</summary>
    public const string Columns = """
        SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attgenerated <> '' OR a.attidentity = 'a'
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
        """;

    /// <summary>The type of the extension <c>hstore</c>, where the database has it and the role may use it.</summary>
    public const string Hstore = """
        SELECT format_type(t.oid, NULL), t.oid
        FROM pg_extension e
        JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
            AND d.classid = 'pg_type'::regclass
        JOIN pg_type t ON t.oid = d.objid
        WHERE e.extname = 'hstore' AND t.typname = 'hstore' AND has_schema_privilege(t.typnamespace, 'USAGE')
            AND has_type_privilege(t.oid, 'USAGE')
        """;

    public const string MayIdentify = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')";

    /// <summary>The cluster's number, which SQL shows as if it had a sign, and the database.</summary>
    public const string Identify = "SELECT system_identifier, current_database()::text FROM pg_control_system()";

    /// <summary>
    /// Each unique index that holds for every row: name, the constraint that it is of, its comment, and its columns, sorted.
    /// </summary>
    public const string UniqueIndexes = """
        SELECT max(k.relname::text), (SELECT t.conname::text FROM pg_constraint t
            WHERE t.conindid = i.indexrelid AND t.contype IN ('p', 'u') LIMIT 1),
               obj_description(i.indexrelid, 'pg_class'), array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C")
        FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
        WHERE n.nspname = $1 AND c.relname = $2 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
            AND i.indexprs IS NULL
            AND i.indnkeyatts = i.indnatts
        GROUP BY i.indexrelid
        """;
}
