using System.Collections.Immutable;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Schema;
using Npgsql;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>Reads <see cref="SourceFacts"/> over a session that <see cref="SourceSession"/> opened; any role may.</summary>
public static class SourceFactsReader
{
    // The units of pg_settings: max_slot_wal_keep_size counts megabytes, wal_sender_timeout milliseconds.
    private const string ServerSql = """
        SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
               (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint()),
               current_setting('server_version_num')::int4, current_database()::text, current_setting('server_encoding'),
               pg_catalog.pg_is_in_recovery(), current_setting('wal_level'),
               current_setting('max_replication_slots')::int4, current_setting('max_wal_senders')::int4,
               (SELECT nullif(setting::int8, -1) * 1048576 FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size'),
               (SELECT setting::float8 FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'),
               r.rolreplication OR r.rolsuper, r.rolsuper, current_setting('synchronous_standby_names')
        FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
        """;

    // Columns that not every version has are asked for by name in the row's JSON.
    private const string SlotsSql = """
        SELECT slot_name::text, plugin::text, database::text, temporary, active_pid, wal_status, safe_wal_size,
               restart_lsn::text, confirmed_flush_lsn::text,
               coalesce((to_jsonb(s) ->> 'two_phase')::bool, false), (to_jsonb(s) ->> 'failover')::bool,
                   to_jsonb(s) ->> 'invalidation_reason'
        FROM pg_catalog.pg_replication_slots s ORDER BY slot_name
        """;

    private const string PublicationsSql = """
        SELECT pubname::text, puballtables, pubviaroot, pubinsert, pubupdate, pubdelete, pubtruncate
        FROM pg_catalog.pg_publication p ORDER BY pubname
        """;

    // What a row filter is in SQL is asked for with the table's lock: not while another has it.
    private static string TablesSql(int major) => $"""
        SELECT t.pubname, t.schemaname, t.tablename, t.attnames,
               CASE WHEN t.filter IS NULL THEN NULL WHEN t.relid = ANY (locked.oids) THEN 'not told while the table is locked'
               ELSE (SELECT {(major < 15 ? "NULL::text" : "pg_catalog.pg_get_expr(r.prqual, r.prrelid)")}
                     FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
                     WHERE p.pubname = t.pubname AND r.prrelid = t.relid) END
        FROM (SELECT {PublicationSql.Locked} AS oids) locked, {PublicationSql.Tables(major)} t ORDER BY t.schemaname, t.tablename
        """;

    public static async Task<SourceFacts> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var slots = await ReadAsync(connection, SlotsSql, ReadSlot, cancellationToken);
            var publications = await ReadAsync(connection, PublicationsSql, ReadPublication, cancellationToken);
            var tables = (await ReadAsync(connection, TablesSql(SourceSession.MajorOf(connection)), ReadPublished,
                cancellationToken)).ToLookup(pair => pair.Publication, pair => pair.Table, StringComparer.Ordinal);
            var server = await ReadAsync(connection, ServerSql, ReadServer, cancellationToken);
            return server[0] with
            {
                Slots = slots,
                Publications = [.. publications.Select(publication => publication with { Tables = [.. tables[publication.Name]] })],
            };
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"Reading the settings of the server of database '{connection.Database}'")
                ?? (Exception)error;
        }
    }

    private static async Task<ImmutableArray<T>> ReadAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = ImmutableArray.CreateBuilder<T>();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows.DrainToImmutable();
    }

    private static SourceFacts ReadServer(NpgsqlDataReader row) => new()
    {
        SystemIdentifier = row.GetString(0),
        Timeline = row.GetInt32(1),
        Version = row.GetInt32(2),
        Database = row.GetString(3),
        Encoding = row.GetString(4),
        IsInRecovery = row.GetBoolean(5),
        WalLevel = row.GetString(6),
        MaxReplicationSlots = row.GetInt32(7),
        MaxWalSenders = row.GetInt32(8),
        MaxSlotWalKeepBytes = row.IsDBNull(9) ? null : row.GetInt64(9),
        WalSenderTimeout = TimeSpan.FromMilliseconds(row.GetDouble(10)),
        CanReplicate = row.GetBoolean(11),
        IsSuperuser = row.GetBoolean(12),
        SynchronousStandbys = row.GetString(13),
        Slots = [],
        Publications = [],
    };

    private static SourceSlot ReadSlot(NpgsqlDataReader row) => new(row.GetString(0))
    {
        Plugin = TextOf(row, 1),
        Database = TextOf(row, 2),
        IsTemporary = row.GetBoolean(3),
        ActivePid = row.IsDBNull(4) ? null : row.GetInt32(4),
        WalStatus = TextOf(row, 5),
        SafeWalBytes = row.IsDBNull(6) ? null : row.GetInt64(6),
        RestartLsn = LsnOf(row, 7),
        ConfirmedFlushLsn = LsnOf(row, 8),
        IsTwoPhase = row.GetBoolean(9),
        IsFailover = row.IsDBNull(10) ? null : row.GetBoolean(10),
        InvalidationReason = TextOf(row, 11),
    };

    private static SourcePublication ReadPublication(NpgsqlDataReader row) => new(row.GetString(0))
    {
        AllTables = row.GetBoolean(1),
        ViaRoot = row.GetBoolean(2),
        Inserts = row.GetBoolean(3),
        Updates = row.GetBoolean(4),
        Deletes = row.GetBoolean(5),
        Truncates = row.GetBoolean(6),
    };

    private static (string Publication, PublishedTable Table) ReadPublished(NpgsqlDataReader row) => (
        row.GetString(0),
        new PublishedTable(new TableId(row.GetString(1), row.GetString(2)), [.. row.GetFieldValue<string[]>(3)], TextOf(row, 4)));

    private static string? TextOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static Lsn? LsnOf(NpgsqlDataReader row, int column) => TextOf(row, column) is { } text ? Lsn.Parse(text) : null;
}
