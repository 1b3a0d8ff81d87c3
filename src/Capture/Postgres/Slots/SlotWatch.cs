using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>What the server says of the slot and of its log at one moment.</summary>
/// <param name="End">Where the server's log ends.</param>
/// <param name="RetainedBytes">Bytes of log that the server keeps for the slot; null where there is no slot.</param>
/// <param name="WalStatus"><c>reserved</c>, <c>extended</c>, <c>unreserved</c> or <c>lost</c>; null where there is no slot.</param>
public sealed record SlotLook(Lsn End, long? RetainedBytes, string? WalStatus)
{
    /// <summary>The slot is about to be lost; null while it is not.</summary>
    public SourceWarning? Danger => string.Equals(WalStatus, "unreserved", StringComparison.Ordinal)
        ? new SourceWarning("The log that the slot needs is about to be removed ('unreserved')",
            "see what holds capture up; raise max_slot_wal_keep_size")
        : null;
}

/// <summary>
/// Looks at the server every two seconds, also while capture cannot stream: that is when log piles up. It holds nothing up; where the
/// server does not answer, it asks again later.
/// </summary>
public sealed class SlotWatch(SessionPool sessions, string slot, TimeProvider clock, Action<SlotLook> onLook)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private const string LookSql = """
        SELECT pg_catalog.pg_current_wal_flush_lsn()::text, s.wal_status, (pg_catalog.pg_current_wal_flush_lsn() - s.restart_lsn)::int8
        FROM (SELECT) one LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = $1
        """;

    /// <summary>Looks until cancelled; throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                onLook(await sessions.UseAsync("Looking at the slot", LookAsync, cancellationToken));
            }
            catch (Exception error) when (error is CdcException or NpgsqlException or IOException or OperationCanceledException)
            {
                // Capture itself meets the same fault and tells it.
                pause = Pause;
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<SlotLook> LookAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LookSql,
            session) { Parameters = { new NpgsqlParameter<string> { TypedValue = slot } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new SlotLook(
            Lsn.Parse(row.GetString(0)),
            await row.IsDBNullAsync(2, cancellationToken) ? null : Math.Max(0, row.GetInt64(2)),
            await row.IsDBNullAsync(1, cancellationToken) ? null : row.GetString(1));
    }
}
