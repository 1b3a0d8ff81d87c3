using Cdc.Contracts.Errors;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>Who keeps a table from being read, and who waits because it is being read.</summary>
internal static class TableLocks
{
    // Who has it, or is first in the line for it.
    private const string Keepers = """
        SELECT l.pid, coalesce(a.usename::text, '?'), coalesce(a.application_name, ''), l.granted,
               coalesce(extract(epoch FROM clock_timestamp() - coalesce(l.waitstart, a.xact_start)), 0)::int8
        FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'relation' AND l.relation = $1 AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid()
          AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
        ORDER BY l.granted DESC, l.waitstart LIMIT 1
        """;

    private const string Waiters = """
        SELECT w.pid, coalesce(a.usename::text, '?'), coalesce(a.application_name, ''), false,
               extract(epoch FROM clock_timestamp() - w.waitstart)::int8
        FROM pg_catalog.pg_locks w LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = w.pid
        WHERE w.locktype = 'relation' AND NOT w.granted AND w.waitstart < clock_timestamp() - interval '5 s'
          AND (w.database, w.relation) IN (SELECT o.database, o.relation FROM pg_catalog.pg_locks o
              WHERE o.pid = $1 AND o.locktype = 'relation' AND o.granted)
          AND $1 = ANY (pg_catalog.pg_blocking_pids(w.pid))
        ORDER BY w.waitstart LIMIT 1
        """;

    /// <summary>Whether a statement ended because a lock was not to be had.</summary>
    public static bool Stopped(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;

    /// <summary>What a statement that was stopped so becomes; the session is in no transaction any more.</summary>
    public static async Task<CdcException> ExplainAsync(
        NpgsqlConnection session, string doing, uint table, PostgresException error, CancellationToken cancellationToken)
    {
        await using (var end = new NpgsqlCommand("ROLLBACK", session))
            await end.ExecuteNonQueryAsync(cancellationToken);
        await using var ask = new NpgsqlCommand(Keepers,
            session) { Parameters = { new NpgsqlParameter { Value = table, NpgsqlDbType = NpgsqlDbType.Oid } } };
        var keeper = await TellAsync(ask, cancellationToken);
        return new CdcException(ErrorCodes.SourceTableLocked,
            $"{doing}, it is locked{(keeper is null ? "" : $" by {keeper}")}; expected is that it can be read.", error);
    }

    /// <summary>
    /// Who has waited for more than five seconds for a table that the process of that number has locked; null for nobody.
    /// </summary>
    public static async Task<string?> FindWaiterAsync(NpgsqlConnection session, int process, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(Waiters, session) { Parameters = { new NpgsqlParameter<int> { TypedValue = process } } };
        return await TellAsync(ask, cancellationToken);
    }

    private static async Task<string?> TellAsync(NpgsqlCommand ask, CancellationToken cancellationToken)
    {
        await using var row = await ask.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return null;
        var (pid, user, application, seconds) = (row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetInt64(4));
        var program = application.Length > 0 ? $", '{application}'" : "";
        return FormattableString.Invariant(
            $"process {pid} (user '{user}'{program}, {(row.GetBoolean(3) ? "for" : "waiting for")} {seconds} s)");
    }
}
