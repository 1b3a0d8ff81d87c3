using System.Globalization;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Snapshot;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>The statements of a read, as text. Names are the source's and always quoted.</summary>
internal static class SnapshotSql
{
    /// <summary>
    /// A table's oid, what the publication says of it (no row where it is not published), and its columns. <c>attnames</c> and
    /// <c>rowfilter</c> came with PostgreSQL 15.
    /// </summary>
    public const string Find = $"""
        SELECT c.oid, to_jsonb(p) ->> 'rowfilter', {ColumnFacts}
        {Published}
        WHERE p.pubname = $1 AND n.nspname = $2 AND c.relname = $3
        """;

    /// <summary>The columns of every table of publication $1.</summary>
    public const string Columns = $"""
        SELECT p.schemaname::text, p.tablename::text, {ColumnFacts}
        {Published}
        WHERE p.pubname = $1
        """;

    /// <summary>
    /// The files of every table of publication $1 that has a key: its own, or those of its partitions at all levels (foreign ones have none).
    /// </summary>
    public const string Files = $"""
        SELECT p.schemaname::text, p.tablename::text, l.oid, ln.nspname::text, l.relname::text, coalesce(pg_catalog.pg_relation_filenode(l.oid), 0::oid)
        {Published}
        LEFT JOIN LATERAL (
            SELECT c.oid AS part WHERE c.relkind = 'r'
            UNION ALL
            SELECT tree.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) tree WHERE c.relkind = 'p' AND tree.isleaf) parts ON true
        LEFT JOIN pg_catalog.pg_class l ON l.oid = parts.part AND l.relkind = 'r'
        LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
        WHERE p.pubname = $1 AND EXISTS (
            SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate AND (i.indisprimary OR i.indisreplident))
        """;

    /// <summary>Whether a table has a name, published or not.</summary>
    public const string Exists = """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p'))
        """;

    /// <summary>How many pages each table's file has.</summary>
    public const string Pages = """
        SELECT t.oid, (pg_catalog.pg_relation_size(t.oid) / pg_catalog.current_setting('block_size')::int8)::int8
        FROM unnest($1) AS t(oid)
        """;

    /// <summary>A message whose commit is flushed here, whatever standbys do.</summary>
    public const string Flush = """
        BEGIN READ WRITE; SET LOCAL synchronous_commit TO local; SELECT pg_catalog.pg_logical_emit_message(true, 'cdc.heartbeat', ''); COMMIT
        """;

    public const string Heartbeat = "SELECT pg_catalog.pg_logical_emit_message(false, 'cdc.heartbeat', '')";

    /// <summary>The snapshot is of the statement's start, the position is asked for after it.</summary>
    public const string Look = "SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_current_wal_insert_lsn()::text";

    private const string Published = """
        FROM pg_catalog.pg_publication_tables p
        JOIN pg_catalog.pg_namespace n ON n.nspname = p.schemaname
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
        """;

    /// <summary>
    /// The published columns, which 15 and later tell also where no column list was given; how many numbers were given; names, numbers and
    /// whether never sent of the columns there are (generated ones, which 15 to 17 list all the same, and send only from 18 on); the names of those that old rows have a value of without having been written again (of a partitioned table the partitions say); the
    /// numbers of those that are gone.
    /// </summary>
    private const string ColumnFacts = """
        ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(to_jsonb(p) -> 'attnames') WHEN 'array' THEN to_jsonb(p) -> 'attnames' END)),
        c.relnatts::int4,
        ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
        ARRAY(SELECT a.attnum::int4 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
        ARRAY(SELECT a.attgenerated <> '' AND pg_catalog.current_setting('server_version_num')::int4 < 180000 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
        ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.atthasmissing AND a.attnum > 0 AND a.attrelid IN (
            SELECT c.oid UNION ALL SELECT tree.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) tree WHERE c.relkind = 'p')),
        ARRAY(SELECT a.attnum::int4 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attisdropped)
        """;

    public const string Begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    /// <summary>
    /// For a transaction that reads by place: plans that give the rows of a file from its begin to its end, and no others. A scan of an index
    /// has the index's order, one in parallel none, one that joins another's begins somewhere; whatever the role's settings say.
    /// </summary>
    public const string InOrder = """
        SET LOCAL enable_tidscan = on; SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off;
        SET LOCAL enable_bitmapscan = off; SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0
        """;

    /// <summary>
    /// The lock comes before the snapshot: a rewriting ALTER between the two would leave nothing to read. It is the lock that a SELECT takes.
    /// </summary>
    public static string Lock(TableId table) => $"LOCK TABLE ONLY {Name(table)} IN ACCESS SHARE MODE";

    /// <summary>What was seen and read; <paramref name="part"/> is the table that holds the rows.</summary>
    public static string Facts(uint table, uint part) => string.Create(CultureInfo.InvariantCulture,
        $"SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_current_wal_insert_lsn()::text, coalesce(pg_catalog.pg_relation_filenode({part}), 0::oid), ({Fingerprint(table)})");

    /// <summary>What tells that a table looks as before.</summary>
    public static string Fingerprint(uint table) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT concat_ws(' ', c.relreplident::text,
            (SELECT string_agg(a.attnum || ':' || a.attname || ':' || a.atttypid || ':' || a.atttypmod || ':' || a.attgenerated::text, ',' ORDER BY a.attnum)
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
            (SELECT string_agg(i.indkey::text, ',' ORDER BY i.indexrelid)
             FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND (i.indisprimary OR i.indisreplident)))
        FROM pg_catalog.pg_class c WHERE c.oid = {table}
        """);

    /// <summary>Rows by place: a run of pages is read, nothing else (a range scan over tids came with PostgreSQL 14).</summary>
    public static string CopyRange(RangeChunk chunk, ReadPlan plan)
    {
        var (after, end) = (chunk.Range.After, chunk.Range.End);
        var from = string.Create(CultureInfo.InvariantCulture, $"ctid > '({after.Page},{after.Row})'::tid");
        var to = end is null ? "" : string.Create(CultureInfo.InvariantCulture, $" AND ctid < '({end},0)'::tid");
        return Copy(chunk.Shape.Schema, $"ONLY {Name(chunk.Part.Id)}", from + to, plan);
    }

    /// <summary>The lock of all tables that a table's rows are in.</summary>
    public static string LockWhole(TableId table, bool isPartitioned) => isPartitioned ? $"LOCK TABLE {Name(table)} IN ACCESS SHARE MODE" : Lock(table);

    /// <summary>The tables that hold the rows of a partitioned one; changes of foreign ones are not in the log.</summary>
    public static string Leaves(uint table) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT n.nspname::text, c.relname::text
        FROM pg_catalog.pg_partition_tree({table}) tree
        JOIN pg_catalog.pg_class c ON c.oid = tree.relid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE tree.isleaf AND c.relkind = 'r'
        ORDER BY c.oid
        """);

    /// <summary>All rows of a table or of a leaf.</summary>
    public static string CopyWhole(TableSchema schema, TableId part, ReadPlan plan) => Copy(schema, $"ONLY {Name(part)}", "true", plan);

    /// <summary>Rows by key.</summary>
    public static string CopyKeys(KeysChunk chunk, ReadPlan plan)
    {
        var schema = chunk.Shape.Schema;
        var table = plan.IsPartitioned ? Name(schema.Id) : $"ONLY {Name(schema.Id)}";
        return Copy(schema, table, KeySql.Condition(schema, plan.Key, chunk.Keys), plan);
    }

    public static string Name(TableId table) =>
        $"{ReplicationCommands.Identifier(table.Schema)}.{ReplicationCommands.Identifier(table.Name)}";

    /// <summary>Each row's place, then its columns.</summary>
    private static string Copy(TableSchema schema, string from, string where, ReadPlan plan)
    {
        var columns = string.Join(", ", ["ctid", .. schema.Columns.Select(column => ReplicationCommands.Identifier(column.Name))]);
        var filter = plan.Filter is null ? "" : $" AND ({plan.Filter})";
        var encoding = plan.HasAnyBytes ? $" (ENCODING '{DatabaseEncoding.Unknown}')" : "";
        return $"COPY (SELECT {columns} FROM {from} WHERE {where}{filter}) TO STDOUT{encoding}";
    }
}
