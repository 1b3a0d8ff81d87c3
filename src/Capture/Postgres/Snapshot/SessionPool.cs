using System.Collections.Concurrent;
using Cdc.Capture.Postgres.Catalog;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>SQL sessions that are used again, each by one caller at a time; as many as were ever needed at once.</summary>
internal sealed class SessionPool(PostgresOptions options) : IAsyncDisposable
{
    private readonly ConcurrentBag<NpgsqlConnection> idle = [];

    public async Task<NpgsqlConnection> TakeAsync(CancellationToken cancellationToken) =>
        await PostgresSession.ReopenAsync(idle.TryTake(out var session) ? session : null, options, cancellationToken);

    /// <summary>A session that is in no transaction.</summary>
    public void GiveBack(NpgsqlConnection session) => idle.Add(session);

    public async ValueTask DisposeAsync()
    {
        while (idle.TryTake(out var session))
            await session.DisposeAsync();
    }
}
