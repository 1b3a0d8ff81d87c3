using Npgsql;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>A session taken out of a <see cref="SessionPool"/>, given back when it is disposed of.</summary>
public sealed class PooledSession(SessionPool pool, NpgsqlConnection connection) : IAsyncDisposable
{
    private bool isKept;
    private bool isGivenBack;

    public NpgsqlConnection Connection { get; } = connection;

    /// <summary>It is in order and in no transaction: it is used again. Else it is closed.</summary>
    public void Keep() => isKept = true;

    public ValueTask DisposeAsync()
    {
        if (isGivenBack)
            return ValueTask.CompletedTask;
        isGivenBack = true;
        return pool.GiveBackAsync(Connection, isKept);
    }
}
