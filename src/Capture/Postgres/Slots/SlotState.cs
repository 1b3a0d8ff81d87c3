using System.Globalization;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>A slot as the server has it now (<c>pg_replication_slots</c>).</summary>
public sealed record SlotState(string Name, string? Plugin, string? Database, string? WalStatus, Lsn Confirmed, bool IsTwoPhase)
{
    /// <summary>The server's process that has it now; null where it is free.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Whether the server is still about to make it.</summary>
    public bool IsHalfMade => Confirmed == Lsn.Zero;

    /// <summary>The slot of that name, or null where there is none.</summary>
    public static async Task<SlotState?> ReadAsync(ReplicationConnection connection, string name, CancellationToken cancellationToken)
    {
        var result = await connection.QueryAsync(
            "SELECT plugin, database, wal_status, confirmed_flush_lsn, two_phase, active_pid FROM pg_catalog.pg_replication_slots " +
            "WHERE slot_name = "
            + ReplicationCommands.Literal(name), cancellationToken);
        if (result.Rows.Count == 0)
            return null;
        var confirmed = Lsn.TryParse(result.Single("confirmed_flush_lsn"), out var known) ? known : Lsn.Zero;
        return new SlotState(name, result.Single("plugin"), result.Single("database"), result.Single("wal_status"), confirmed,
            string.Equals(result.Single("two_phase"), "t", StringComparison.Ordinal))
        {
            ProcessId = int.TryParse(result.Single("active_pid"), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                ? process : null,
        };
    }

    /// <summary>How far the slot of that name is, and where the log ends on disk; null where there is no such slot.</summary>
    public static async Task<(Lsn Confirmed, Lsn Flushed)?> ReadConfirmedAsync(
        NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT coalesce(confirmed_flush_lsn, '0/0')::text, pg_catalog.pg_current_wal_flush_lsn()::text " +
            "FROM pg_catalog.pg_replication_slots WHERE slot_name = $1", session)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = name } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (Lsn.Parse(row.GetString(0)), Lsn.Parse(row.GetString(1))) : null;
    }

    /// <summary>Refuses a slot that is not ours: another plugin or database, or two-phase.</summary>
    public void CheckKind(string database)
    {
        if (!string.Equals(Plugin, "pgoutput", StringComparison.Ordinal) || !string.Equals(Database, database, StringComparison.Ordinal)
            || IsTwoPhase)
        {
            throw new CdcException(ErrorCodes.SourceSlotForeign,
                $"Slot '{Name}' is of plugin '{Plugin}' and database '{Database}'{(IsTwoPhase ? ", two-phase" : "")}; expected is " +
                $"'pgoutput' and '{database}' "
                + $"(if nobody needs it, in database '{Database ?? database}': {ReplicationCommands.DropSlotStatement(Name)}).");
        }
    }

    /// <summary>Refuses a slot that lost what it needs.</summary>
    public void CheckUsable()
    {
        if (string.Equals(WalStatus, "lost", StringComparison.Ordinal))
            throw new CdcException(ErrorCodes.SourceSlotInvalidated, $"Slot '{Name}' lost what it needs of the server's log.");
    }
}
