using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.DuckDb.Sql;

/// <summary>Statements on <c>_cdc.ledger</c> and <c>_cdc.tables</c>.</summary>
internal static class LedgerSql
{
    private const string Ledger = $"{SqlName.Catalog}.{SqlName.OwnSchema}.ledger";
    private const string Tables = $"{SqlName.Catalog}.{SqlName.OwnSchema}.tables";
    private const string Sinks = $"{SqlName.Catalog}.{SqlName.OwnSchema}.sinks";

    public const string Prepare = $"""
        CREATE SCHEMA IF NOT EXISTS {SqlName.Catalog}.{SqlName.OwnSchema};
        CREATE TABLE IF NOT EXISTS {Ledger} (
            sink VARCHAR NOT NULL, topic VARCHAR NOT NULL, "partition" INTEGER NOT NULL, topic_id VARCHAR NOT NULL,
            next_offset BIGINT NOT NULL, since BIGINT NOT NULL, swept VARCHAR, "rows" BIGINT NOT NULL, last_record VARCHAR,
            applied_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (sink, topic, "partition"));
        CREATE TABLE IF NOT EXISTS {Tables} (
            target_schema VARCHAR NOT NULL, target_table VARCHAR NOT NULL, sink VARCHAR NOT NULL, topic VARCHAR NOT NULL,
            created_by_us BOOLEAN NOT NULL, claimed_at TIMESTAMPTZ NOT NULL);
        CREATE TABLE IF NOT EXISTS {Sinks} (sink VARCHAR NOT NULL, log_id VARCHAR NOT NULL, noted_at TIMESTAMPTZ NOT NULL);
        ALTER TABLE {Tables} ADD COLUMN IF NOT EXISTS metadata_prefix VARCHAR
        """;

    /// <summary>$1 sink.</summary>
    public const string Read = $"""
        SELECT topic, "partition"::BIGINT, topic_id, next_offset, since, swept, "rows", last_record FROM {Ledger} WHERE sink = $1
            ORDER BY topic, "partition"
        """;

    /// <summary>
    /// $1 sink, $2 topic, $3 partition, $4 topic id, $5 next offset, $6 since, $7 swept, $8 rows, $9 last record. No row where there is
    /// one.
    /// </summary>
    public const string Insert = $"""
        INSERT INTO {Ledger} (sink, topic, "partition", topic_id, next_offset, since, swept, "rows", last_record, applied_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, now()
        WHERE NOT EXISTS (FROM {Ledger} WHERE sink = $1 AND topic = $2 AND "partition" = $3)
        """;

    /// <summary>As <see cref="Insert"/>, and what is expected: $10 topic id, $11 next offset.</summary>
    public const string Move = $"""
        UPDATE {Ledger} SET topic_id = $4, next_offset = $5, since = $6, swept = $7, "rows" = $8, last_record = $9, applied_at = now()
        WHERE sink = $1 AND topic = $2 AND "partition" = $3 AND topic_id = $10 AND next_offset = $11
        """;

    /// <summary>$1 schema, $2 table, in any case of letters: DuckDB tells names apart no further.</summary>
    public const string Owner = $"""
        SELECT sink, topic FROM {Tables} WHERE lower(target_schema) = lower($1) AND lower(target_table) = lower($2)
        """;

    /// <summary>$1 schema, $2 table, $3 sink, $4 topic, $5 whether we make it: 1 or 0, $6 prefix.</summary>
    public const string Claim = $"""
        INSERT INTO {Tables} (target_schema, target_table, sink, topic, created_by_us, claimed_at, metadata_prefix)
            VALUES ($1, $2, $3, $4, $5 = 1, now(), $6)
        """;

    /// <summary>$1 sink, $2 prefix. A table whose prefix is not noted was made when there was one only.</summary>
    public const string Renamed = $"""
        SELECT topic, target_schema, target_table, coalesce(metadata_prefix, '{MetadataColumns.DefaultPrefix}') FROM {Tables}
        WHERE sink = $1 AND coalesce(metadata_prefix, '{MetadataColumns.DefaultPrefix}') <> $2 ORDER BY topic, claimed_at
        """;

    /// <summary>A row where prefixes are noted at all.</summary>
    public const string NotesPrefix = $"""
        SELECT column_name::VARCHAR FROM duckdb_columns()
        WHERE database_name = '{SqlName.Catalog}' AND schema_name = '{SqlName.OwnSchema}' AND table_name = 'tables'
            AND column_name = 'metadata_prefix'
        """;

    /// <summary>$1 prefix, $2 to $4 the names: columns of such names in tables whose columns of ours have other names.</summary>
    public const string Taken = $"""
        SELECT t.target_schema, t.target_table, c.column_name::VARCHAR FROM {Tables} t
        JOIN duckdb_columns() c ON c.database_name = '{SqlName.Catalog}' AND lower(c.schema_name) = lower(t.target_schema)
            AND lower(c.table_name) = lower(t.target_table)
        WHERE coalesce(t.metadata_prefix, '{MetadataColumns.DefaultPrefix}') <> $1 AND lower(c.column_name) IN ($2, $3, $4) ORDER BY 1, 2, 3
        """;

    /// <summary>$1 schema, $2 table, $3 prefix.</summary>
    public const string NotePrefix = $"UPDATE {Tables} SET metadata_prefix = $3 WHERE target_schema = $1 AND target_table = $2";

    /// <summary>$1 sink.</summary>
    public const string TablesOfSink = $"SELECT topic, target_schema, target_table FROM {Tables} WHERE sink = $1 ORDER BY claimed_at";

    /// <summary>$1 sink.</summary>
    public const string Forget = $"DELETE FROM {Ledger} WHERE sink = $1";

    /// <summary>$1 sink.</summary>
    public const string ForgetLog = $"DELETE FROM {Sinks} WHERE sink = $1";

    /// <summary>$1 sink.</summary>
    public const string LogOf = $"SELECT log_id FROM {Sinks} WHERE sink = $1";

    /// <summary>$1 sink, $2 log.</summary>
    public const string NoteLog = $"INSERT INTO {Sinks} SELECT $1, $2, now() WHERE NOT EXISTS (FROM {Sinks} WHERE sink = $1)";

    /// <summary>$1 sink, $2 log, $3 the log that is expected.</summary>
    public const string ChangeLog = $"UPDATE {Sinks} SET log_id = $2, noted_at = now() WHERE sink = $1 AND log_id = $3";

    /// <summary>$1 the former name, $2 the sink, $3 a topic.</summary>
    public const string AdoptEntries = $"UPDATE {Ledger} SET sink = $2 WHERE sink = $1 AND topic = $3";

    /// <summary>As <see cref="AdoptEntries"/>.</summary>
    public const string AdoptTables = $"UPDATE {Tables} SET sink = $2 WHERE sink = $1 AND topic = $3";

    /// <summary>$1 sink, $2 topic.</summary>
    public const string TablesOfTopic = $"SELECT target_schema, target_table FROM {Tables} WHERE sink = $1 AND topic = $2";
}
