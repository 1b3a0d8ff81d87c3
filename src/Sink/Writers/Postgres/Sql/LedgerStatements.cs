using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>The schema <c>_cdc</c>: how far each partition is applied, from which log, and which tables belong to whom.</summary>
internal static class LedgerStatements
{
    /// <summary>Held while <c>_cdc</c> or a schema is made: two first starts at once would refuse each other.</summary>
    public const string LockDefinitions = "SELECT pg_advisory_xact_lock(-7208391520331)";

    /// <summary>Whether all are there, with the column that came last.</summary>
    public const string Exists = """
        SELECT to_regclass('_cdc.ledger') IS NOT NULL AND to_regclass('_cdc.sinks') IS NOT NULL
            AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('_cdc.tables') AND attname = 'metadata_prefix'
                AND NOT attisdropped)
        """;

    public const string Create = """
        CREATE SCHEMA IF NOT EXISTS _cdc;
        CREATE TABLE IF NOT EXISTS _cdc.ledger (
            sink text, topic text, partition integer,
            topic_id text NOT NULL, next_offset bigint NOT NULL, since bigint NOT NULL, swept text,
            rows bigint NOT NULL, last_record text, applied_at timestamp with time zone NOT NULL,
            PRIMARY KEY (sink, topic, partition)) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS _cdc.tables (
            target_schema text, target_table text,
            sink text NOT NULL, topic text NOT NULL, created_by_us boolean NOT NULL, claimed_at timestamp with time zone NOT NULL,
            PRIMARY KEY (target_schema, target_table));
        CREATE TABLE IF NOT EXISTS _cdc.sinks (sink text PRIMARY KEY, log_id text NOT NULL, noted_at timestamp with time zone NOT NULL);
        ALTER TABLE _cdc.tables ADD COLUMN IF NOT EXISTS metadata_prefix text;
        """;

    public const string Read = """
        SELECT topic, partition, topic_id, next_offset, since, swept, rows, last_record FROM _cdc.ledger WHERE sink = $1
        """;

    /// <summary>Answers with the partitions inserted, and the server's process; one that is there already is left out.</summary>
    public const string Insert = """
        INSERT INTO _cdc.ledger (sink, topic, partition, topic_id, next_offset, since, swept, rows, last_record, applied_at)
        SELECT m.*, clock_timestamp()
        FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::text[]) m
        ON CONFLICT DO NOTHING RETURNING topic, partition, pg_catalog.pg_backend_pid()
        """;

    /// <summary>
    /// Moves rows that are as expected ($10 topic id, $11 next offset) and answers with their partitions, and the server's process.
    /// </summary>
    public const string Move = """
        UPDATE _cdc.ledger l
        SET topic_id = m.topic_id, next_offset = m.next_offset, since = m.since, swept = m.swept, rows = m.rows,
            last_record = m.last_record, applied_at = clock_timestamp()
        FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::text[],
            $10::text[], $11::bigint[])
            AS m (sink, topic, partition, topic_id, next_offset, since, swept, rows, last_record, expected_id, expected_offset)
        WHERE l.sink = m.sink AND l.topic = m.topic AND l.partition = m.partition
            AND l.topic_id = m.expected_id AND l.next_offset = m.expected_offset
        RETURNING l.topic, l.partition, pg_catalog.pg_backend_pid()
        """;

    public const string TablesOfTopic = "SELECT target_schema, target_table FROM _cdc.tables WHERE sink = $1 AND topic = $2";

    public const string TablesOfSink = "SELECT topic, target_schema, target_table FROM _cdc.tables WHERE sink = $1 ORDER BY claimed_at";

    /// <summary>$1 sink, $2 prefix. A table whose prefix is not noted was made when there was one only.</summary>
    public const string Renamed = $"""
        SELECT topic, target_schema, target_table, coalesce(metadata_prefix, '{MetadataColumns.DefaultPrefix}')
        FROM _cdc.tables WHERE sink = $1 AND coalesce(metadata_prefix, '{MetadataColumns.DefaultPrefix}') <> $2 ORDER BY topic, claimed_at
        """;

    public const string NotePrefix = "UPDATE _cdc.tables SET metadata_prefix = $3 WHERE target_schema = $1 AND target_table = $2";

    public const string Forget = "WITH forgotten AS (DELETE FROM _cdc.sinks WHERE sink = $1) DELETE FROM _cdc.ledger WHERE sink = $1";

    public const string LogOf = "SELECT log_id FROM _cdc.sinks WHERE sink = $1";

    public const string NoteLog =
        "INSERT INTO _cdc.sinks (sink, log_id, noted_at) VALUES ($1, $2, clock_timestamp()) ON CONFLICT DO NOTHING";

    /// <summary>$3: the log that is expected.</summary>
    public const string ChangeLog = "UPDATE _cdc.sinks SET log_id = $2, noted_at = clock_timestamp() WHERE sink = $1 AND log_id = $3";

    /// <summary>$1 the former name, $2 the sink, $3 topics.</summary>
    public const string Adopt = """
        WITH tables AS (UPDATE _cdc.tables SET sink = $2 WHERE sink = $1 AND topic = ANY($3))
        UPDATE _cdc.ledger SET sink = $2 WHERE sink = $1 AND topic = ANY($3)
        """;

    public const string Owner = "SELECT sink, topic FROM _cdc.tables WHERE target_schema = $1 AND target_table = $2";

    /// <summary>Notes the owner; answers with nothing where another was faster.</summary>
    public const string Claim = """
        INSERT INTO _cdc.tables (target_schema, target_table, sink, topic, created_by_us, metadata_prefix, claimed_at)
        VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp()) ON CONFLICT DO NOTHING RETURNING sink
        """;
}
