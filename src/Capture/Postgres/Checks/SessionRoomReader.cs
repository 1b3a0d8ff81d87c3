using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Npgsql;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>Reads <see cref="SessionRoom"/>; any role may.</summary>
public static class SessionRoomReader
{
    // Settings and roles that not every version has are asked for by name. Superusers are held to no limit but the server's. Of sessions of
    // others a role may not see what they are, but that they are there.
    private const string Sql = """
        WITH sessions AS (
            SELECT w.pid IS NOT NULL AS streams, coalesce(a.usename = current_user, false) AS of_role,
                coalesce(a.datname = current_database(), false) AS of_database,
                   coalesce(a.usename = current_user AND a.datname = current_database() AND a.application_name = $1, false) AS ours
            FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_stat_get_wal_senders() w ON w.pid = a.pid
            WHERE a.usesysid IS NOT NULL AND coalesce(a.backend_type, 'client backend') IN ('client backend', 'walsender'))
        SELECT current_setting('max_connections')::int4 - CASE WHEN r.rolsuper THEN 0
            ELSE current_setting('superuser_reserved_connections')::int4
                   + CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles u
                       WHERE u.rolname = 'pg_use_reserved_connections' AND pg_catalog.pg_has_role(u.oid, 'USAGE'))
                     THEN 0 ELSE coalesce(current_setting('reserved_connections', true), '0')::int4 END END,
               (SELECT count(*)::int4 FROM sessions s WHERE NOT s.streams AND NOT s.ours),
               CASE WHEN NOT r.rolsuper THEN nullif(r.rolconnlimit, -1) END,
                   (SELECT count(*)::int4 FROM sessions s WHERE s.of_role AND NOT s.ours),
               CASE WHEN NOT r.rolsuper THEN nullif(d.datconnlimit, -1) END,
                   (SELECT count(*)::int4 FROM sessions s WHERE s.of_database AND NOT s.ours)
        FROM pg_catalog.pg_roles r, pg_catalog.pg_database d WHERE r.rolname = current_user AND d.datname = current_database()
        """;

    public static async Task<SessionRoom> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(Sql,
                session) { Parameters = { new NpgsqlParameter<string> { TypedValue = SourceSession.ApplicationName } } };
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            return Read(row);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"Counting the sessions of database '{session.Database}'")
                ?? (Exception)error;
        }
    }

    private static SessionRoom Read(NpgsqlDataReader row) => new()
    {
        Connections = row.GetInt32(0),
        Used = row.GetInt32(1),
        RoleLimit = row.IsDBNull(2) ? null : row.GetInt32(2),
        RoleUsed = row.GetInt32(3),
        DatabaseLimit = row.IsDBNull(4) ? null : row.GetInt32(4),
        DatabaseUsed = row.GetInt32(5),
    };
}
