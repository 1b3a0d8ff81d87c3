using System.Diagnostics;
using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>
/// The sessions in which somebody does a deed: where the server goes away in the middle, what was wanted is asked for again.
/// </summary>
internal sealed class Sessions(string deed) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // A deed may give the whole database settings that hurt.
    private const string OwnSettings = """
        SET lock_timeout = '40s'; SET default_transaction_read_only = off; SET default_transaction_isolation = 'read committed'; SET search_path = public;
        SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'transaction_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout')
        """;

    private readonly Dictionary<string, NpgsqlConnection> connections = [];

    public static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 50 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Does something in the session of a connection string. What the server refuses for good is a <see cref="RefusedException"/>.
    /// </summary>
    public async Task TryAsync(string server, Func<NpgsqlConnection, Task> what)
    {
        var clock = Stopwatch.StartNew();
        var wasBroken = false;
        await Eventually.HoldsAsync($"the server takes what '{deed}' wants", async () =>
        {
            try
            {
                await what(await ConnectAsync(server));
                return true;
            }
            catch (PostgresException error) when (wasBroken && IsDoneAlready(error.SqlState))
            {
                return true;
            }
            catch (PostgresException error) when (!IsPassing(error))
            {
                throw new RefusedException($"'{deed}' was refused: {error.MessageText} ({error.SqlState})", error);
            }
            catch (NpgsqlException error) when (clock.Elapsed < Patience)
            {
                wasBroken |= error is not PostgresException
                    || ((PostgresException)error).SqlState.StartsWith("57", StringComparison.Ordinal);
                await ForgetAsync(server);
                return false;
            }
        }, Patience);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in connections.Values)
            await connection.DisposeAsync();
    }

    private async Task<NpgsqlConnection> ConnectAsync(string server)
    {
        if (connections.TryGetValue(server, out var connection))
            return connection;
        connection = new NpgsqlConnection(server);
        connections[server] = connection;
        await connection.OpenAsync();
        await RunAsync(connection, OwnSettings);
        return connection;
    }

    private async Task ForgetAsync(string server)
    {
        if (connections.Remove(server, out var connection))
            await connection.DisposeAsync();
    }

    private static bool IsPassing(PostgresException error) =>
        error.IsTransient || error.SqlState is "57P01" or "57P02" or "57P03" or "40P01" or "55P03" or "53300" or "57014"
        || (error.SqlState == "XX000" && error.MessageText.Contains("concurrently", StringComparison.Ordinal));

    // The server went away with the answer: what was to be made is there, what was to be dropped is not.
    private static bool IsDoneAlready(string state) => state.StartsWith("42", StringComparison.Ordinal)
        || state is "3F000" or "55000" or "2BP01";
}
