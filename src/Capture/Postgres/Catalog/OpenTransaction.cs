using System.Globalization;
using Cdc.Capture.Postgres.Replication;
using Npgsql;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>Somebody's transaction that a session of ours waits for.</summary>
/// <param name="ProcessId">Its server process; null for a prepared one.</param>
/// <param name="Name">What its program calls itself, or the name it was prepared under.</param>
/// <param name="Age">Since when it is open; null where our role may not see that.</param>
internal sealed record OpenTransaction(int? ProcessId, string Name, string? Role, string? Database, TimeSpan? Age)
{
    // Who waits for a transaction waits for a lock on its number; a prepared one has no process.
    private const string Sql = """
        SELECT h.pid, coalesce(p.gid, a.application_name, ''), coalesce(p.owner, a.usename)::text, coalesce(p.database, a.datname)::text,
               extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(p.prepared, a.xact_start))::float8
        FROM pg_catalog.pg_locks w
        JOIN pg_catalog.pg_locks h ON h.locktype = 'transactionid' AND h.granted AND h.transactionid = w.transactionid
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid
        LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = w.transactionid
        WHERE w.pid = $1 AND NOT w.granted AND w.locktype = 'transactionid'
        LIMIT 1
        """;

    // Only such a one can have changed rows.
    private const string OldestSql = """
        SELECT open.pid, open.name, open.role, open.database, extract(epoch FROM pg_catalog.clock_timestamp() - open.since)::float8
        FROM (SELECT a.pid, coalesce(a.application_name, '') AS name, a.usename::text AS role, a.datname::text AS database,
            a.xact_start AS since, a.backend_xid AS number
              FROM pg_catalog.pg_stat_activity a WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
              UNION ALL
              SELECT NULL, p.gid, p.owner::text, p.database::text, p.prepared, p.transaction FROM pg_catalog.pg_prepared_xacts p) open
        ORDER BY pg_catalog.age(open.number) DESC LIMIT 1
        """;

    /// <summary>The oldest one of the server that wrote something; null where none is open.</summary>
    public static async Task<OpenTransaction?> FindOldestAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OldestSql, session);
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>What that process waits for at this moment; null where it waits for no transaction.</summary>
    public static async Task<OpenTransaction?> FindAsync(NpgsqlConnection session, int process, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session) { Parameters = { new NpgsqlParameter<int> { TypedValue = process } } };
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<OpenTransaction?> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return null;
        return new OpenTransaction(
            row.IsDBNull(0) ? null : row.GetInt32(0),
            row.GetString(1),
            row.IsDBNull(2) ? null : row.GetString(2),
            row.IsDBNull(3) ? null : row.GetString(3),
            row.IsDBNull(4) ? null : TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(4))));
    }

    /// <summary>Who it is and how one ends it, as the second half of a sentence.</summary>
    public string Describe()
    {
        var age = Age is { } open ? string.Create(CultureInfo.InvariantCulture, $", open for {open.TotalSeconds:0} s") : "";
        var whose = $"of role '{Role}' in database '{Database}'{age}";
        return ProcessId is { } process
            ? string.Create(CultureInfo.InvariantCulture,
                $"the transaction of server process {process} ('{Name}') {whose}, ends (SELECT pg_terminate_backend({process}))")
            : $"the prepared transaction '{Name}' {whose}, ends (COMMIT PREPARED {ReplicationCommands.Literal(Name)} or ROLLBACK " +
                $"PREPARED {ReplicationCommands.Literal(Name)})";
    }
}
