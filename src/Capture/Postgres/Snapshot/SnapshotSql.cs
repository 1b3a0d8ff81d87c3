using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Reading;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>The statements of a read, as text. Names are the source's and always quoted.</summary>
internal static class SnapshotSql
{
    /// <summary>
    /// Of the tables named by schemas $2 and names $3 that publication $1 publishes: name, oid, and whether only some rows are published.
    /// </summary>
    public static string Find(int major) => $"""
        SELECT p.schemaname, p.tablename, p.relid, p.filter IS NOT NULL
        FROM unnest($2, $3) AS wanted(schema, name)
        JOIN {PublicationSql.Tables(major)} p ON p.schemaname = wanted.schema AND p.tablename = wanted.name
        WHERE p.pubname = $1
        """;

    /// <summary>The publication's condition on a table's rows, in SQL; it waits for the table's lock.</summary>
    public const string Filter = """
        SELECT pg_catalog.pg_get_expr(r.prqual, r.prrelid)
        FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
        WHERE p.pubname = $1 AND r.prrelid = $2
        """;

    /// <summary>Which of the tables named by schemas $1 and names $2 are there, published or not.</summary>
    public const string Existing = """
        SELECT n.nspname::text, c.relname::text
        FROM unnest($1, $2) AS wanted(schema, name)
        JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind IN ('r', 'p')
        """;

    /// <summary>A message whose commit is flushed here, whatever standbys do.</summary>
    public const string Flush = """
        BEGIN READ WRITE; SET LOCAL synchronous_commit TO local; SELECT pg_catalog.pg_logical_emit_message(true, 'cdc.heartbeat', '');
            COMMIT
        """;

    public const string Heartbeat = "SELECT pg_catalog.pg_logical_emit_message(false, 'cdc.heartbeat', '')";

    /// <summary>The snapshot is of the statement's start, the position is asked for after it.</summary>
    public const string Look = "SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_current_wal_insert_lsn()::text";

    public const string Begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    /// <summary>
    /// For a transaction that reads by place: plans that give the rows of a file from its begin to its end, and no others. A scan of an
    /// index has the index's order, one in parallel none, one that joins another's begins somewhere; whatever the role's settings say.
    /// </summary>
    public const string InOrder = """
        SET LOCAL enable_tidscan = on; SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off;
            SET LOCAL enable_indexonlyscan = off;
        SET LOCAL enable_bitmapscan = off; SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0
        """;

    /// <summary>
    /// The lock comes before the snapshot: a rewriting ALTER between the two would leave nothing to read. It is the lock that a SELECT
    /// takes; where somebody keeps the table from being read it is not waited for.
    /// </summary>
    public static string Lock(TableId table) => $"LOCK TABLE ONLY {Name(table)} IN ACCESS SHARE MODE NOWAIT";

    /// <summary>What is seen, and the file of the table that holds the rows.</summary>
    public static string Facts(uint part) => string.Create(CultureInfo.InvariantCulture,
        $"SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_current_wal_insert_lsn()::text, " +
        $"coalesce(pg_catalog.pg_relation_filenode({part}), 0::oid)");

    /// <summary>Rows by place: a run of pages is read, nothing else (a range scan over tids came with PostgreSQL 14).</summary>
    public static string CopyRange(RangeChunk chunk, ReadPlan plan)
    {
        var (part, (after, end)) = ((PagedPart)chunk.Part, (PageRange)chunk.Range);
        var from = string.Create(CultureInfo.InvariantCulture, $"ctid > '({after.Page},{after.Row})'::tid");
        var to = end is null ? "" : string.Create(CultureInfo.InvariantCulture, $" AND ctid < '({end},0)'::tid");
        return Copy(chunk.Shape.Schema, $"ONLY {Name(part.Id)}", from + to, plan);
    }

    /// <summary>The lock of all tables that a table's rows are in.</summary>
    public static string LockWhole(TableId table, bool isPartitioned) => isPartitioned
        ? $"LOCK TABLE {Name(table)} IN ACCESS SHARE MODE NOWAIT" : Lock(table);

    /// <summary>The tables that hold the rows of a partitioned one; changes of foreign ones are not in the log.</summary>
    public static string Leaves(uint table) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT n.nspname::text, c.relname::text
        FROM {PublicationSql.Tree(table.ToString(CultureInfo.InvariantCulture))} tree
        JOIN pg_catalog.pg_class c ON c.oid = tree.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r'
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
