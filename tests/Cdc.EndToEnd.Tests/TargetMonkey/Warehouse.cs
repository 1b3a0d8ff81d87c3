using System.Globalization;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>
/// The PostgreSQL target: its server, which may be replaced by another under the same address, a pooler before it or none, and its roles.
/// </summary>
internal sealed class Warehouse : IAsyncDisposable
{
    /// <summary>Whom the sink logs in as: no superuser, and owner of the tables that it makes.</summary>
    public const string Sink = "sink";

    /// <summary>Who reads all tables, all the time.</summary>
    public const string Reader = "reader";

    public const string Database = "target";

    public const string Ours = $"pg_stat_activity WHERE usename = '{Sink}'";

    private Warehouse(PostgresServer server, PgBouncer? pooler)
    {
        Server = server;
        Pooler = pooler;
    }

    public PostgresServer Server { get; private set; }

    public PgBouncer? Pooler { get; }

    /// <summary>Where the sink finds it.</summary>
    public int Port => Pooler?.Port ?? Server.Port;

    public static async Task<Warehouse> StartAsync(int major, bool pooled)
    {
        var server = await PostgresServer.StartAsync(major, "max_connections = 50", "max_prepared_transactions = 5");
        await server.ExecuteAsync($"CREATE ROLE {Sink} LOGIN; CREATE ROLE {Reader} LOGIN IN ROLE pg_read_all_data; CREATE ROLE other");
        await server.ExecuteAsync($"CREATE DATABASE {Database}");
        await server.ExecuteAsync($"GRANT CREATE, TEMPORARY ON DATABASE {Database} TO {Sink}");
        return new Warehouse(server, pooled ? await PgBouncer.StartAsync(server, Sink) : null);
    }

    /// <summary>A restart; what happens in between is the caller's.</summary>
    public async Task RestartAsync(string mode, Func<Task>? between = null)
    {
        await Server.StopAsync(mode);
        if (between is not null)
            await between();
        await Server.StartAgainAsync();
    }

    /// <summary>The server is put back to an image of itself from before something happened.</summary>
    public async Task PutBackAsync(Func<Task> what)
    {
        var copy = Path.Combine(Server.Folder, "kept");
        await Server.StopAsync();
        await Server.KeepAsync(copy);
        await Server.StartAgainAsync();
        await what();
        await Server.StopAsync("immediate");
        await Server.PutBackAsync(copy);
        await Server.StartAgainAsync();
        Directory.Delete(copy, recursive: true);
    }

    /// <summary>A standby that lacks what happened last takes over under the same address.</summary>
    public async Task FailOverAsync(Func<Task> lost)
    {
        var standby = await Server.StartStandbyAsync();
        await Eventually.HoldsAsync("the standby streams",
            async () => await standby.QueryAsync<long>("SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'") > 0);
        await standby.ExecuteAsync("ALTER SYSTEM SET primary_conninfo = ''");
        await standby.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.HoldsAsync("the standby streams no more",
            async () => await standby.QueryAsync<long>("SELECT count(*) FROM pg_stat_wal_receiver") == 0);
        await lost();
        await Server.StopAsync("immediate");
        await standby.StopAsync();
        await standby.TakePortAsync(Server);
        await standby.StartAgainAsync();
        await standby.PromoteAsync();
        await Server.DisposeAsync();
        Server = standby;
    }

    /// <summary>The session of somebody, not through the pooler.</summary>
    public string ConnectionString(string user) => string.Create(CultureInfo.InvariantCulture,
        $"Host={PostgresServer.Host};Port={Server.Port};Username={user};Database={Database};Include Error " +
        $"Detail=true;Pooling=false;Timeout=5");

    public async ValueTask DisposeAsync()
    {
        if (Pooler is not null)
            await Pooler.DisposeAsync();
        await Server.DisposeAsync();
    }
}
