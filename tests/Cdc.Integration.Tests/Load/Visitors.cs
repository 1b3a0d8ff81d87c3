using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Load;

/// <summary>Other clients of a server, who come, stay for a moment and go, as a role without any privilege.</summary>
internal sealed class Visitors : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly string connection;
    private readonly Task[] visiting;
    private int visits;
    private int refused;

    public Visitors(PostgresServer server, string role, int count)
    {
        connection = new NpgsqlConnectionStringBuilder(server.ConnectionString("source")) { Username = role }.ConnectionString;
        visiting = [.. Enumerable.Range(0, count).Select(_ => Task.Run(RunAsync))];
    }

    public int Visits => Volatile.Read(ref visits);

    public int Refused => Volatile.Read(ref refused);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(visiting);
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var session = new NpgsqlConnection(connection);
                await session.OpenAsync();
                await using var command = new NpgsqlCommand("SELECT pg_sleep(0.3)", session);
                await command.ExecuteNonQueryAsync();
                Interlocked.Increment(ref visits);
            }
            catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.TooManyConnections)
            {
                Interlocked.Increment(ref refused);
            }
        }
    }
}
