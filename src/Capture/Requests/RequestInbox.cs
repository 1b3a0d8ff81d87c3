namespace Cdc.Capture.Requests;

/// <summary>Looks for new requests while a capture runs. Used by one thread at a time.</summary>
/// <param name="topic">Where they come.</param>
/// <param name="from">The offset of the first one that was not taken up.</param>
/// <param name="clock">Paces the looking.</param>
public sealed class RequestInbox(ResyncRequests topic, long from, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource stopping = new();
    private Task<(IReadOnlyList<ResyncRequest> Requests, long Next)>? looking;

    /// <summary>Completes when <see cref="TakeAsync"/> has something, or fails.</summary>
    public Task Arrival => looking ??= Task.Run(() => LookAsync(from, stopping.Token), stopping.Token);

    /// <summary>Everything that came, and the offset behind it; null where there is nothing new.</summary>
    public async ValueTask<(IReadOnlyList<ResyncRequest> Requests, long Next)?> TakeAsync()
    {
        if (!Arrival.IsCompleted)
            return null;
        var arrived = await looking!;
        looking = Task.Run(() => LookAsync(arrived.Next, stopping.Token), stopping.Token);
        return arrived;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (looking is not null)
            await ((Task)looking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task<(IReadOnlyList<ResyncRequest> Requests, long Next)> LookAsync(long next, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, clock, cancellationToken);
            var found = await topic.ReadAsync(next, cancellationToken);
            if (found.Requests.Count > 0)
                return found;
            next = found.Next;
        }
    }
}
