using System.Data;
using System.Diagnostics.CodeAnalysis;
using Cdc.Capture.Postgres.Replication;
using Npgsql;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// All SQL sessions that a source is given: never more than <see cref="LimitFor"/> at once, whoever asks. Each is used by one caller at a
/// time, and used again; one that died meanwhile is opened again, one that nobody needs for a minute is closed. Any thread.
/// </summary>
public sealed class SessionPool : IAsyncDisposable
{
    /// <summary>
    /// Besides those that read: the ones for looks at slot, catalog and log, and for what the stream's tables are made of.
    /// </summary>
    private const int Besides = 3;

    private static readonly TimeSpan KeptIdle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan TrustedFor = TimeSpan.FromSeconds(1);

    private readonly PostgresOptions options;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim free;
    private readonly List<(NpgsqlConnection Connection, long Since)> idle = [];
    private readonly ITimer sweeping;
    private bool isClosed;

    /// <param name="options">The source.</param>
    /// <param name="parallel">How many chunks are read at once.</param>
    /// <param name="clock">Tells how long a session is idle.</param>
    public SessionPool(PostgresOptions options, int parallel, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;

        // One less than may be: a session that is closed stands in the server's list a moment longer.
        free = new SemaphoreSlim(LimitFor(parallel) - 1);
        sweeping = clock.CreateTimer(_ => _ = SweepAsync(), null, SweepEvery, SweepEvery);
    }

    /// <summary>So many sessions there are at most, beside the one that streams.</summary>
    public static int LimitFor(int parallel) => parallel + Besides;

    /// <summary>Waits for a session and takes it. Throws <c>CDC-2001</c> to <c>CDC-2003</c> where one cannot be opened.</summary>
    public async Task<PooledSession> TakeAsync(CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        try
        {
            return new PooledSession(this, await FindOrOpenAsync(cancellationToken));
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    /// <summary>Opens a session that was not there before: whether the server takes one is the question.</summary>
    public async Task<PooledSession> OpenAsync(CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        try
        {
            if (TryTakeIdle(out var one, out _))
                await one.DisposeAsync();
            return new PooledSession(this, await SourceSession.OpenAsync(options, cancellationToken));
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    /// <summary>Does something in a session that it leaves outside of a transaction. Throws what the server's errors become.</summary>
    /// <param name="doing">The first half of an error's sentence.</param>
    public Task<T> UseAsync<T>(
        string doing, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        DriverCall.RunAsync(token => WorkAsync(doing, work, token), cancellationToken);

    private async Task<T> WorkAsync<T>(
        string doing, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var session = await TakeAsync(cancellationToken);
        try
        {
            var result = await work(session.Connection, cancellationToken);
            session.Keep();
            return result;
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, doing) ?? (Exception)error;
        }
    }

    /// <summary>Closes those that nobody uses; the others when they are given back.</summary>
    public async ValueTask DisposeAsync()
    {
        await sweeping.DisposeAsync();
        lock (idle)
            isClosed = true;
        while (TryTakeIdle(out var connection, out _))
            await connection.DisposeAsync();
    }

    internal async ValueTask GiveBackAsync(NpgsqlConnection connection, bool isKept)
    {
        try
        {
            if (!isKept || !TryKeep(connection))
                await DriverCall.CloseAsync(connection);
        }
        finally
        {
            free.Release();
        }
    }

    private async Task<NpgsqlConnection> FindOrOpenAsync(CancellationToken cancellationToken)
    {
        while (TryTakeIdle(out var connection, out var since))
        {
            if (clock.GetElapsedTime(since) < TrustedFor || await AnswersAsync(connection, cancellationToken))
                return connection;
        }

        return await SourceSession.OpenAsync(options, cancellationToken);
    }

    /// <summary>Closes the session where it does not answer.</summary>
    private static async Task<bool> AnswersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var answers = false;
        try
        {
            await using var question = new NpgsqlCommand("SELECT 1", connection);
            await question.ExecuteScalarAsync(cancellationToken);
            answers = true;
        }
        catch (Exception error) when (error is NpgsqlException or IOException or InvalidOperationException)
        {
            // It died while nobody used it: another one is opened.
        }
        finally
        {
            if (!answers)
                await connection.DisposeAsync();
        }

        return answers;
    }

    private bool TryTakeIdle([NotNullWhen(true)] out NpgsqlConnection? connection, out long since)
    {
        lock (idle)
        {
            (connection, since) = idle.Count > 0 ? idle[^1] : default;
            if (connection is null)
                return false;
            idle.RemoveAt(idle.Count - 1);
            return true;
        }
    }

    private bool TryKeep(NpgsqlConnection connection)
    {
        lock (idle)
        {
            if (isClosed || connection.FullState != ConnectionState.Open)
                return false;
            idle.Add((connection, clock.GetTimestamp()));
            return true;
        }
    }

    /// <summary>The one used longest ago comes first, each under a permit: as long as it is being closed it counts.</summary>
    private async Task SweepAsync()
    {
        while (TryFindOld(out var connection))
        {
            await connection.DisposeAsync();
            free.Release();
        }
    }

    private bool TryFindOld([NotNullWhen(true)] out NpgsqlConnection? connection)
    {
        connection = null;
        lock (idle)
        {
            if (idle.Count == 0 || clock.GetElapsedTime(idle[0].Since) < KeptIdle || !free.Wait(0))
                return false;
            connection = idle[0].Connection;
            idle.RemoveAt(0);
            return true;
        }
    }
}
