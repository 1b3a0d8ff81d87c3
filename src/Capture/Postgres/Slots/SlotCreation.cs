using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>
/// Makes a slot. The server waits with that, for as long as it takes, until each transaction has ended that ran when it began, prepared ones too:
/// so it is said for whom, and where capture is to end meanwhile, the server is told, else the slot would stand there one day with nobody to use it.
/// </summary>
internal sealed class SlotCreation(PostgresOptions options, TimeProvider clock, Action<CdcException> onWaiting)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CallOffTimeout = TimeSpan.FromSeconds(4);

    public async Task<Lsn> RunAsync(ReplicationConnection connection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var leaving = new CancellationTokenSource();
        var making = connection.CreateSlotAsync(options.Slot, leaving.Token);
        try
        {
            while (!making.IsCompleted)
            {
                await Task.WhenAny(making, Task.Delay(Interval, clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                if (!making.IsCompleted)
                    await TellAsync(connection.ProcessId, cancellationToken);
            }

            return await making;
        }
        catch (OperationCanceledException)
        {
            await CallOffAsync(connection, making);
            throw;
        }
        finally
        {
            await leaving.CancelAsync();
            await ((Task)making).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Says for whom the server waits. Where it cannot be told now, it is asked again later.</summary>
    private async Task TellAsync(int process, CancellationToken cancellationToken)
    {
        try
        {
            var holder = await DriverCall.RunAsync(
                async token =>
                {
                    await using var session = await PostgresSession.OpenAsync(options, token);
                    return await OpenTransaction.FindAsync(session, process, token);
                },
                cancellationToken);
            if (holder is not null)
                onWaiting(new CdcException(ErrorCodes.SourceTransactionOpen, $"Making slot '{options.Slot}' waits until {holder.Describe()}."));
        }
        catch (Exception error) when (error is CdcException or NpgsqlException)
        {
            // The command itself meets the same fault and tells it.
        }
    }

    /// <summary>Has the server end the command, which takes the half-made slot along; one that was made in the same moment is dropped.</summary>
    private async Task CallOffAsync(ReplicationConnection connection, Task making)
    {
        using var limit = new CancellationTokenSource(CallOffTimeout, clock);
        try
        {
            await using (var session = await PostgresSession.OpenAsync(options, limit.Token))
            {
                await using var cancel = new NpgsqlCommand("SELECT pg_catalog.pg_cancel_backend($1)", session)
                {
                    Parameters = { new NpgsqlParameter<int> { TypedValue = connection.ProcessId } },
                };
                if (!making.IsCompleted)
                    await cancel.ExecuteNonQueryAsync(limit.Token);
            }

            await making.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (making.IsCompletedSuccessfully)
                await connection.DropSlotAsync(options.Slot, limit.Token);
        }
        catch (Exception error) when (error is CdcException or NpgsqlException or OperationCanceledException)
        {
            // The checkpoint says that the slot was about to be made: what stands under its name is dropped by the next start.
        }
    }
}
