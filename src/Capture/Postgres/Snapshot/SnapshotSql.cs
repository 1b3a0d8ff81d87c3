using System.Globalization;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Snapshot;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>The statements of a read, as text. Names are the source's and always quoted.</summary>
internal static class SnapshotSql
{
    /// <summary>A table's oid and which of its rows are published (<c>rowfilter</c> came with PostgreSQL 15); no row where it is not published.</summary>
    public const string Find = $"""
        SELECT c.oid, to_jsonb(p) ->> 'rowfilter'
        {Published}
        WHERE p.pubname = $1 AND n.nspname = $2 AND c.relname = $3
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

    /// <summary>What is seen, and the file of the table that holds the rows.</summary>
    public static string Facts(uint part) => string.Create(CultureInfo.InvariantCulture,
        $"SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_current_wal_insert_lsn()::text, coalesce(pg_catalog.pg_relation_filenode({part}), 0::oid)");

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
