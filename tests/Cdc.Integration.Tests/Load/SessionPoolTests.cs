using Cdc.Capture.Postgres.Catalog;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Load;

public sealed class SessionPoolTests
{
    private const string Count = "SELECT count(*)::int4 FROM pg_stat_activity WHERE application_name = 'cdc'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_for_one_too_many_waits_until_one_is_given_back()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var pool = Pool(server, TimeProvider.System);
        var taken = new List<PooledSession>();
        for (var i = 0; i < SessionPool.LimitFor(1) - 1; i++)
            taken.Add(await pool.TakeAsync(Token));
        var late = pool.TakeAsync(Token);
        using var impatient = new CancellationTokenSource();
        var cancelled = pool.TakeAsync(impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(late.IsCompleted);

        var process = taken[0].Connection.ProcessID;
        taken[0].Keep();
        await taken[0].DisposeAsync();

        taken[0] = await late;
        Assert.Equal(process, taken[0].Connection.ProcessID);
        Assert.Equal(SessionPool.LimitFor(1) - 1, await server.QueryAsync<int>(Count));
        foreach (var session in taken)
            await session.DisposeAsync();
    }

    [Fact]
    public async Task One_that_died_while_nobody_used_it_is_opened_again()
    {
        await using var server = await PostgresServer.StartAsync();
        var clock = new SteppedClock();
        await using var pool = Pool(server, clock);
        var process = await pool.UseAsync("Asking", (session, _) => Task.FromResult(session.ProcessID), Token);
        await server.ExecuteAsync($"SELECT pg_terminate_backend({process}, 10000)");
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.NotEqual(process, await pool.UseAsync("Asking", AskAsync, Token));
    }

    [Fact]
    public async Task What_nobody_needs_for_a_minute_is_closed()
    {
        await using var server = await PostgresServer.StartAsync();
        var clock = new SteppedClock();
        await using var pool = Pool(server, clock);
        var taken = await Task.WhenAll(pool.TakeAsync(Token), pool.TakeAsync(Token), pool.TakeAsync(Token));
        foreach (var session in taken)
        {
            session.Keep();
            await session.DisposeAsync();
        }

        clock.Advance(TimeSpan.FromSeconds(50));
        await pool.UseAsync("Asking", AskAsync, Token);
        clock.Advance(TimeSpan.FromSeconds(15));
        await Eventually.HoldsAsync("those that were not used are closed", async () => await server.QueryAsync<int>(Count) == 1,
            cancellationToken: Token);
    }

    private static async Task<int> AskAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", session);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static SessionPool Pool(PostgresServer server, TimeProvider clock) => new(
        new() { Host = PostgresServer.Host, Port = server.Port, Database = "postgres", User = PostgresServer.User }, 1, clock);
}
