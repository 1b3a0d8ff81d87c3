using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>Reads <see cref="SourceRights"/> over a session that <see cref="SourceSession"/> opened; any role may.</summary>
public static class SourceRightsReader
{
    // Roles of hosting providers are asked for by name, for they are not everywhere.
    private const string RoleSql = """
        SELECT current_user::text,
               EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = 'rds_replication' AND pg_catalog.pg_has_role(r.oid, 'MEMBER')),
               pg_catalog.has_database_privilege(current_database(), 'CREATE'),
               (SELECT pg_catalog.pg_has_role(p.pubowner, 'USAGE') FROM pg_catalog.pg_publication p WHERE p.pubname = $1),
               (SELECT count(*)::int4 FROM pg_catalog.pg_stat_activity WHERE backend_type = 'walsender')
        """;

    private const string TablesSql = """
        SELECT n.nspname::text, c.relname::text, pg_catalog.pg_has_role(c.relowner, 'USAGE'),
               pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR NOT EXISTS (
                   SELECT FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                     AND NOT pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'))),
               pg_catalog.row_security_active(c.oid)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = ANY ($1)
        """;

    public static async Task<SourceRights> ReadAsync(
        NpgsqlConnection connection, string publication, IReadOnlyCollection<CatalogTable> tables, CancellationToken cancellationToken)
    {
        try
        {
            var rights = await ReadTablesAsync(connection, tables, cancellationToken);
            await using var command = new NpgsqlCommand(RoleSql,
                connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = publication } } };
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            return new SourceRights
            {
                Role = row.GetString(0),
                HasProvidersReplication = row.GetBoolean(1),
                MayCreate = row.GetBoolean(2),
                OwnsPublication = await row.IsDBNullAsync(3, cancellationToken) ? null : row.GetBoolean(3),
                ActiveSenders = row.GetInt32(4),
                Tables = rights,
            };
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"Reading the role's rights in database '{connection.Database}'")
                ?? (Exception)error;
        }
    }

    private static async Task<Dictionary<TableId, TableRights>> ReadTablesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<CatalogTable> tables, CancellationToken cancellationToken)
    {
        var rights = new Dictionary<TableId, TableRights>();
        await using var command = new NpgsqlCommand(TablesSql, connection);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = tables.Select(table => table.Oid).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid,
        });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            rights[new TableId(row.GetString(0), row.GetString(1))] = new TableRights(row.GetBoolean(2), row.GetBoolean(3),
                row.GetBoolean(4));
        return rights;
    }
}
