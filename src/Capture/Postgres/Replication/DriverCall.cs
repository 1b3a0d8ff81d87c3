namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// A call of the SQL driver that ends soon after it is cancelled. The driver itself asks the server to cancel, over another connection and
/// on the thread that cancels, and waits for the answer: a server that is stalled, or has no session left, would hold up everything that
/// ends with it. What does not end in time is left alone; its session is never used again.
/// </summary>
internal static class DriverCall
{
    /// <summary>How long the driver may take to end what was cancelled.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ending = new CancellationTokenSource();
        await using var registration = cancellationToken.UnsafeRegister(_ => ThreadPool.QueueUserWorkItem(_ => ending.Cancel()), null);
        var running = call(ending.Token);
        await ((Task)running).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsCompleted)
            await Task.WhenAny(running, Task.Delay(Patience, TimeProvider.System, CancellationToken.None));
        if (!running.IsCompleted)
        {
            _ = LeaveAsync(running);
            throw new OperationCanceledException(cancellationToken);
        }

        try
        {
            return await running;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (InvalidOperationException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, "Using a session") ?? (Exception)error;
        }
    }

    public static Task RunAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        cancellationToken);

    /// <summary>
    /// Closes what may still be in use by a call that was left; throws nothing and takes no longer than a call's end may.
    /// </summary>
    public static async ValueTask CloseAsync(IAsyncDisposable? session)
    {
        if (session is null)
            return;
        var closing = Task.Run(async () =>
        {
            await session.DisposeAsync();
            return true;
        });
        await Task.WhenAny(closing, Task.Delay(Patience, TimeProvider.System));
        if (!closing.IsCompletedSuccessfully)
            _ = LeaveAsync(closing);
    }

    private static async Task LeaveAsync<T>(Task<T> running)
    {
        try
        {
            if (await running is IAsyncDisposable left)
                await left.DisposeAsync();
        }
        catch (Exception)
        {
            // Nobody waits for it any more.
        }
    }
}
