using Cdc.Capture.Postgres.Catalog;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// A session whose transaction keeps a table locked against changes of its structure, and what is done about who waits for that: it is
/// looked for from another session, whatever the reading thread does meanwhile, and the transaction is ended. Where that was done often
/// enough, it stays and says who.
/// </summary>
internal sealed class GivingWay : IAsyncDisposable
{
    /// <summary>So often a read gives way; somebody who changes the table all the time shall not keep it from being read.</summary>
    private const int Times = 3;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private const string End = "SELECT pg_catalog.pg_terminate_backend($1)";

    private readonly PooledSession session;
    private readonly SessionPool others;
    private readonly bool stays;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task watching;
    private volatile string? waiter;
    private volatile bool hasGivenWay;

    /// <param name="session">Its own from now on.</param>
    /// <param name="others">Where the session that looks comes from.</param>
    /// <param name="before">How often the read of this table gave way before.</param>
    /// <param name="clock">Tells when it is looked.</param>
    public GivingWay(PooledSession session, SessionPool others, int before, TimeProvider clock)
    {
        this.session = session;
        this.others = others;
        stays = before >= Times;
        watching = WatchAsync(clock);
    }

    public NpgsqlConnection Connection => session.Connection;

    /// <summary>Who waits; null for nobody.</summary>
    public string? Waiter => waiter;

    /// <summary>Throws <c>CDC-2081</c> where the transaction was ended for somebody's sake.</summary>
    public void ThrowIfGivenWay(string table)
    {
        if (hasGivenWay)
            throw new CdcException(ErrorCodes.SourceReadGaveWay,
                $"Reading table '{table}' as a whole, {waiter} waited for the read's lock; the read ended for it.");
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        await session.DisposeAsync();
    }

    private async Task WatchAsync(TimeProvider clock)
    {
        var process = Connection.ProcessID;
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stopping.Token))
        {
            try
            {
                if (await others.UseAsync("Looking who waits for a table", (look, token) => LookAsync(look, process, token),
                    stopping.Token))
                    return;
            }
            catch (CdcException)
            {
                // Who reads meets the same fault and tells it.
            }
        }
    }

    private async Task<bool> LookAsync(NpgsqlConnection look, int process, CancellationToken cancellationToken)
    {
        waiter = await TableLocks.FindWaiterAsync(look, process, cancellationToken);
        if (waiter is null || stays)
            return false;
        hasGivenWay = true;
        await using var end = new NpgsqlCommand(End, look) { Parameters = { new NpgsqlParameter<int> { TypedValue = process } } };
        await end.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }
}
