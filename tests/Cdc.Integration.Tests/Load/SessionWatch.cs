using System.Globalization;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Load;

/// <summary>Counts capture's SQL sessions at a source all the time, from a session of its own.</summary>
internal sealed class SessionWatch : IAsyncDisposable
{
    private const string Count = """
        SELECT count(*)::int4 FROM pg_stat_activity WHERE datname = 'source' AND application_name = 'cdc' AND backend_type = 'client backend'
        """;

    private readonly CancellationTokenSource stopping = new();
    private readonly NpgsqlConnection session;
    private readonly Task watching;

    private SessionWatch(NpgsqlConnection session)
    {
        this.session = session;
        watching = Task.Run(RunAsync);
    }

    /// <summary>Most that were there at once.</summary>
    public int Most { get; private set; }

    public static async Task<SessionWatch> StartAsync(PostgresServer server) => new(await server.ConnectAsync());

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        await session.DisposeAsync();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        await using var command = new NpgsqlCommand($"SELECT ({Count}) FROM pg_sleep(0.02)", session);
        while (!stopping.IsCancellationRequested)
            Most = Math.Max(Most, Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture));
    }
}
