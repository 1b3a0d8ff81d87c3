using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres;

/// <summary>
/// A server that is shut down waits, however long, until whoever streams from it has confirmed everything. While an append is stalled
/// nothing can be confirmed, so then it asks whether the server still takes sessions, and lets go of it where it does not. Nothing is lost:
/// what was not confirmed comes again.
/// </summary>
public sealed class ShutdownWatch : IAsyncDisposable
{
    /// <summary>So long an append may take before the server is asked, and from one question to the next.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ReplicationConnection connection;
    private readonly SessionPool sessions;
    private readonly Func<Task> appending;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task watching;

    /// <param name="connection">Closed when the server shuts down.</param>
    /// <param name="sessions">How the server is asked.</param>
    /// <param name="appending">The append under way; another task for each append.</param>
    /// <param name="clock">Tells when an append took too long.</param>
    public ShutdownWatch(ReplicationConnection connection, SessionPool sessions, Func<Task> appending, TimeProvider clock)
    {
        this.connection = connection;
        this.sessions = sessions;
        this.appending = appending;
        watching = RunAsync(clock);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task RunAsync(TimeProvider clock)
    {
        using var timer = new PeriodicTimer(Patience, clock);
        var before = Task.CompletedTask;
        while (await timer.WaitForNextTickAsync(stopping.Token))
        {
            var present = appending();
            if (!present.IsCompleted && ReferenceEquals(present, before) && await DriverCall.RunAsync(IsShuttingDownAsync, stopping.Token))
            {
                connection.Abort();
                return;
            }

            before = present;
        }
    }

    /// <summary>Any other trouble is for the session itself to find.</summary>
    private async Task<bool> IsShuttingDownAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await sessions.OpenAsync(cancellationToken);
            return false;
        }
        catch (CdcException error)
        {
            return error.InnerException is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CannotConnectNow };
        }
    }
}
