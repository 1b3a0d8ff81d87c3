using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>
/// Takes a source's slot away, so that the next start makes it again. One that could not serve this source is not ours and stays.
/// </summary>
public sealed class SlotRemoval(PostgresOptions options, TimeProvider clock)
{
    // The sender of a process that was killed a moment ago still has the slot.
    private const int Tries = 8;

    private const string Find = """
        SELECT plugin::text = 'pgoutput' AND database::text = current_database()::text FROM pg_catalog.pg_replication_slots
            WHERE slot_name = $1
        """;

    /// <summary>Whether the slot is there, and ours; null where there is none. Throws <c>CDC-2001</c> to <c>CDC-2003</c>.</summary>
    public Task<bool?> FindAsync(CancellationToken cancellationToken) =>
        InSessionAsync("Looking for", AskAsync, cancellationToken);

    /// <summary>
    /// Drops the slot where it is ours; answers with whether it did. Throws <c>CDC-2005</c> where another process keeps it.
    /// </summary>
    public Task<bool> DropAsync(CancellationToken cancellationToken) => InSessionAsync(
        "Dropping",
        async (session, token) =>
        {
            var backoff = new Backoff(clock, TimeSpan.FromSeconds(2));
            while (await AskAsync(session, token) == true)
            {
                try
                {
                    await using var drop = Command(session, "SELECT pg_catalog.pg_drop_replication_slot($1)");
                    await drop.ExecuteNonQueryAsync(token);
                    return true;
                }
                catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.ObjectInUse && backoff.Failures < Tries)
                {
                    await backoff.WaitAsync(token);
                }
            }

            return false;
        },
        cancellationToken);

    private async Task<bool?> AskAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var find = Command(session, Find);
        return await find.ExecuteScalarAsync(cancellationToken) switch
        {
            null => null,
            bool ours => ours,
            _ => false,
        };
    }

    private NpgsqlCommand Command(NpgsqlConnection session, string text) =>
        new(text, session) { Parameters = { new NpgsqlParameter<string> { TypedValue = options.Slot } } };

    private Task<T> InSessionAsync<T>(
        string doing, Func<NpgsqlConnection, CancellationToken, Task<T>> action, CancellationToken cancellationToken) =>
        DriverCall.RunAsync(token => OpenForAsync(doing, action, token), cancellationToken);

    private async Task<T> OpenForAsync<T>(
        string doing, Func<NpgsqlConnection, CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        await using var session = await SourceSession.OpenAsync(options, cancellationToken);
        try
        {
            return await action(session, cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"{doing} slot '{options.Slot}'") ?? (Exception)error;
        }
    }
}
