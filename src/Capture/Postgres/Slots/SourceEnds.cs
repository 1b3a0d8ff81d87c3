using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Topics;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>Where the server's log ends now, and whether the checkpoint is that far.</summary>
public static class SourceEnds
{
    /// <summary>
    /// The end of everything committed by now. A small message is committed first: without it, the flushed end can stay behind what is
    /// visible.
    /// </summary>
    public static Task<Lsn> ReadAsync(SessionPool sessions, CancellationToken cancellationToken) => sessions.UseAsync(
        "Asking where the server's log ends",
        async (session, token) =>
        {
            await using var message = new NpgsqlCommand("SELECT pg_catalog.pg_logical_emit_message(true, 'cdc.heartbeat', '')", session);
            await message.ExecuteNonQueryAsync(token);
            await using var end = new NpgsqlCommand("SELECT pg_catalog.pg_current_wal_flush_lsn()::text", session);
            return Lsn.Parse((string)(await end.ExecuteScalarAsync(token))!);
        },
        cancellationToken);

    /// <summary>Whether everything before that end is durable in the log.</summary>
    public static bool IsReached(Checkpoint checkpoint, Lsn end) => Lsn.TryParse(checkpoint[CheckpointKeys.Allowed], out var allowed)
        && allowed >= end;
}
