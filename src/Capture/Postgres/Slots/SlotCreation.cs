using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>
/// Makes a slot. The server waits with that, for as long as it takes, until each transaction has ended that ran when it began, prepared
/// ones too: so it is said for whom, and where capture is to end meanwhile, the server is told, else the slot would stand there one day
/// with nobody to use it.
/// </summary>
internal sealed class SlotCreation(string slot, SessionPool sessions, TimeProvider clock, Action<CdcException> onWaiting)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CallOffTimeout = TimeSpan.FromSeconds(4);

    public async Task<Lsn> RunAsync(ReplicationConnection connection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var leaving = new CancellationTokenSource();
        var making = connection.CreateSlotAsync(slot, leaving.Token);
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
            var holder = await sessions.UseAsync(
                $"Asking whom the making of slot '{slot}' waits for",
                (session, token) => OpenTransaction.FindAsync(session, process, token), cancellationToken);
            if (holder is not null)
                onWaiting(new CdcException(ErrorCodes.SourceTransactionOpen, $"Making slot '{slot}' waits until {holder.Describe()}."));
        }
        catch (Exception error) when (error is CdcException or NpgsqlException)
        {
            // The command itself meets the same fault and tells it.
        }
    }

    /// <summary>
    /// Has the server end the command, which takes the half-made slot along; one that was made in the same moment is dropped.
    /// </summary>
    private async Task CallOffAsync(ReplicationConnection connection, Task making)
    {
        using var limit = new CancellationTokenSource(CallOffTimeout, clock);
        try
        {
            await sessions.UseAsync(
                $"Calling off the making of slot '{slot}'",
                (session, token) => making.IsCompleted ? Task.FromResult(0) : CancelAsync(session, connection.ProcessId, token),
                limit.Token);
            await making.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (making.IsCompletedSuccessfully)
                await connection.DropSlotAsync(slot, limit.Token);
        }
        catch (Exception error) when (error is CdcException or NpgsqlException or OperationCanceledException)
        {
            // The checkpoint says that the slot was about to be made: what stands under its name is dropped by the next start.
        }
    }

    private static async Task<int> CancelAsync(NpgsqlConnection session, int process, CancellationToken cancellationToken)
    {
        await using var cancel = new NpgsqlCommand("SELECT pg_catalog.pg_cancel_backend($1)",
            session) { Parameters = { new NpgsqlParameter<int> { TypedValue = process } } };
        return await cancel.ExecuteNonQueryAsync(cancellationToken);
    }
}
