using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Security;
using Cdc.Testing;

[assembly: AssemblyFixture(typeof(Cdc.Integration.Tests.Replication.ReplicatedServer))]

namespace Cdc.Integration.Tests.Replication;

/// <summary>One cluster for all tests of this folder; each test has a database of its own.</summary>
public sealed class ReplicatedServer : IAsyncLifetime
{
    private PostgresServer? server;
    private int databases;

    public PostgresServer Server
    {
        get
        {
            if (server is null)
                Assert.Skip("PostgreSQL 15 is missing: run build/setup.sh.");
            return server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.FindBinaries(15) is not null || Environment.GetEnvironmentVariable("CI") == "true")
            server = await PostgresServer.StartAsync(15);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    /// <summary>A new database with what the statements make; answers with its name.</summary>
    public async Task<string> CreateDatabaseAsync(string sql = "SELECT 1")
    {
        var name = FormattableString.Invariant($"wire_{Interlocked.Increment(ref databases)}");
        await Server.ExecuteAsync($"CREATE DATABASE {name}");
        await Server.ExecuteAsync(sql, name);
        return name;
    }

    public PostgresOptions Options(string database, string user = "postgres", string? password = null, TlsMode tls = TlsMode.Disable) =>
        new()
    {
        Host = PostgresServer.Host,
        Port = Server.Port,
        Database = database,
        User = user,
        Password = password is null ? null : new Secret(password),
        Tls = new TlsOptions { Mode = tls },
    };

    public static Task<ReplicationConnection> OpenAsync(PostgresOptions options) =>
        ReplicationConnection.OpenAsync(options, "wire test", TimeProvider.System, TestContext.Current.CancellationToken);
}
