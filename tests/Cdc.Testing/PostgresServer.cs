using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Cdc.Testing;

/// <summary>
/// A throwaway PostgreSQL cluster in a temporary folder, on a free port of the loopback address and a unix socket, made for logical
/// replication. Each has a system identifier of its own. It goes with its test, also when the test's process is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly PostgresPrograms programs;
    private readonly ClusterWatch watch;

    private PostgresServer(PostgresPrograms programs, string folder, int port)
    {
        this.programs = programs;
        Folder = folder;
        Port = port;
        watch = ClusterWatch.Start(programs, folder, DataFolder);
    }

    /// <summary>The cluster's folder: <c>data</c>, <c>server.log</c> and the unix socket lie in it.</summary>
    public string Folder { get; }

    public string DataFolder => Path.Combine(Folder, "data");

    public string LogFile => Path.Combine(Folder, "server.log");

    public int Port { get; private set; }

    public static string Host => "127.0.0.1";

    /// <summary>Superuser without password (trust).</summary>
    public static string User => "postgres";

    /// <summary>The folder of the server programs of a major version, or null where that version is not there.</summary>
    public static string? FindBinaries(int major) => PostgresPrograms.Find(major);

    /// <summary>Starts a cluster with two empty databases, <c>source</c> and <c>target</c>.</summary>
    public static async Task<PostgresServer> StartWithDatabasesAsync(int major = 15, params string[] settings)
    {
        var server = await StartAsync(major, settings);
        await server.ExecuteAsync("CREATE DATABASE source");
        await server.ExecuteAsync("CREATE DATABASE target");
        return server;
    }

    /// <summary>Starts a cluster of that major version; skips the test, by name, where the version is missing (on CI: fails).</summary>
    public static async Task<PostgresServer> StartAsync(int major = 15, params string[] settings)
    {
        var binaries = FindBinaries(major);
        if (binaries is null)
        {
            var missing = $"PostgreSQL {major} is missing: run build/setup.sh, or set CDC_POSTGRES_{major} to the folder of its programs.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Xunit.Assert.Fail(missing);
            Xunit.Assert.Skip(missing);
        }

        var programs = new PostgresPrograms(binaries!);
        var server = new PostgresServer(programs, Directory.CreateTempSubdirectory("cdc-pg-").FullName, FreePort());
        try
        {
            if (PostgresPrograms.IsRoot)
                await PostgresPrograms.RunAnyAsync("chown", "postgres", server.Folder);
            await ClusterTemplate.CreateAsync(programs, binaries!, server.DataFolder);
            await server.ConfigureAsync(settings);
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a standby of this server, which streams from it and is of the same version.</summary>
    /// <param name="slot">
    /// A physical slot to make and stream from (17 and later): logical slots that may fail over are then carried over, and stream nothing
    /// that the standby does not have.
    /// </param>
    public async Task<PostgresServer> StartStandbyAsync(string? slot = null)
    {
        var standby = new PostgresServer(programs, Directory.CreateTempSubdirectory("cdc-pg-").FullName, FreePort());
        try
        {
            if (PostgresPrograms.IsRoot)
                await PostgresPrograms.RunAnyAsync("chown", "postgres", standby.Folder);
            if (slot is not null)
                await ExecuteAsync($"SELECT pg_create_physical_replication_slot('{slot}', true)");
            await CopyToAsync(standby.DataFolder);
            await standby.ConfigureAsync(
            [
                "hot_standby = on", $"primary_conninfo = 'host={Host} port={Port} user={User} dbname=postgres'",
                .. slot is null ? (string[])[]
                    : [$"primary_slot_name = '{slot}'", "hot_standby_feedback = on", "sync_replication_slots = on"],
            ]);
            await standby.StartAgainAsync();
            if (slot is not null)
            {
                await ExecuteAsync($"ALTER SYSTEM SET synchronized_standby_slots = '{slot}'");
                await ExecuteAsync("SELECT pg_reload_conf()");
            }

            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Gives this server, which must be stopped, the address of another, as a name or a proxy that points elsewhere does.
    /// </summary>
    public async Task TakePortAsync(PostgresServer other)
    {
        await File.AppendAllTextAsync(Path.Combine(DataFolder, "postgresql.conf"),
            string.Create(CultureInfo.InvariantCulture, $"port = {other.Port}\n"));
        Port = other.Port;
    }

    /// <summary>Makes a standby the primary: it begins a timeline of its own.</summary>
    public Task PromoteAsync() => PostgresProgramAsync("pg_ctl", ["-D", DataFolder, "-w", "-t", "60", "promote"]);

    public string ConnectionString(string database = "postgres") =>
        $"Host={Host};Port={Port};Username={User};Database={database};Include Error Detail=true;Pooling=false";

    public async Task<NpgsqlConnection> ConnectAsync(string database = "postgres")
    {
        var connection = new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs statements, separated by semicolons, on a connection of their own.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>One value; SQL's NULL is C#'s, where <typeparamref name="T"/> has one.</summary>
    public async Task<T> QueryAsync<T>(string sql, string database = "postgres")
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        var value = await command.ExecuteScalarAsync();
        return value is DBNull && default(T) is null ? default! : (T)value!;
    }

    /// <summary>Starts the server of this cluster again after <see cref="StopAsync"/>; a failure tells what the server logged.</summary>
    public async Task StartAgainAsync()
    {
        try
        {
            await PostgresProgramAsync("pg_ctl", ["-D", DataFolder, "-l", LogFile, "-w", "-t", "60", "start"]);
        }
        catch (InvalidOperationException failure) when (File.Exists(LogFile))
        {
            throw new InvalidOperationException($"{failure.Message}\n{await File.ReadAllTextAsync(LogFile)}", failure);
        }
    }

    /// <param name="mode"><c>smart</c>, <c>fast</c> or <c>immediate</c> (a crash).</param>
    public Task StopAsync(string mode = "fast") =>
        PostgresProgramAsync("pg_ctl", ["-D", DataFolder, "-w", "-t", "60", "-m", mode, "stop"]);

    /// <summary>Keeps a copy of the cluster, which must be stopped.</summary>
    public Task KeepAsync(string copy) => PostgresPrograms.RunAnyAsync("cp", "-a", "--reflink=auto", DataFolder, copy);

    /// <summary>Puts a kept copy in the cluster's place, which must be stopped.</summary>
    public async Task PutBackAsync(string copy)
    {
        await PostgresPrograms.RunAnyAsync("rm", "-r", DataFolder);
        await PostgresPrograms.RunAnyAsync("cp", "-a", "--reflink=auto", copy, DataFolder);
    }

    /// <summary>Has every process of the server stall, as on a machine that does nothing any more; sockets stay open.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Ends <see cref="FreezeAsync"/>.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Runs one of the server's programs as the cluster's owner; throws with its output when it fails.</summary>
    public Task PostgresProgramAsync(string program, string[] arguments) => programs.RunAsync(program, arguments);

    public ValueTask DisposeAsync() => watch.DisposeAsync();

    /// <summary>
    /// Copies the running cluster by the low-level interface (chapter "Continuous Archiving"; 15 and later): 18 comes without
    /// <c>pg_basebackup</c>.
    /// </summary>
    private async Task CopyToAsync(string dataFolder)
    {
        await using var session = await ConnectAsync();
        await using var start = new NpgsqlCommand("SELECT pg_backup_start('standby', true)", session) { CommandTimeout = 300 };
        await start.ExecuteNonQueryAsync();
        // The log and the process's files change under the copy; the standby has none of the slots.
        await PostgresPrograms.RunAnyAsync("sh", "-c", """
            set -e; mkdir "$1"; cd "$0"; cp -a $(ls | grep -vxE 'pg_wal|pg_replslot|postmaster\..*') "$1" 2>"$1.err" || ! grep -v 'No such file' "$1.err" >&2
            mkdir -p "$1/pg_wal/archive_status" "$1/pg_replslot"; touch "$1/standby.signal" "$1/backup_label"; chown -R --reference=. "$1"; chmod --reference=. "$1"
            """, DataFolder, dataFolder);
        await using var stop = new NpgsqlCommand("SELECT labelfile FROM pg_backup_stop(false)", session) { CommandTimeout = 300 };
        await File.WriteAllTextAsync(Path.Combine(dataFolder, "backup_label"), (string)(await stop.ExecuteScalarAsync())!);
    }

    private async Task SignalAsync(string signal)
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(DataFolder, "postmaster.pid")))[0];
        // A child may have ended.
        await PostgresPrograms.RunAnyAsync("sh", "-c",
            "kill -$1 $0 || exit; for child in $(cat /proc/$0/task/$0/children); do kill -$1 $child 2>/dev/null || true; done", postmaster,
            signal);
    }

    private Task ConfigureAsync(string[] settings) =>
        File.AppendAllTextAsync(Path.Combine(DataFolder, "postgresql.conf"), $"""

            listen_addresses = '{Host}'
            port = {Port}
            unix_socket_directories = '{Folder}'
            wal_level = logical
            max_wal_senders = 30
            max_replication_slots = 30
            max_connections = 200
            shared_buffers = 64MB
            fsync = off
            log_min_messages = warning
            log_replication_commands = on
            {string.Join('\n', settings)}

            """);

    // Below the range from which the system takes ports for outgoing connections, so that none of those comes between.
    internal static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 32_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: another number.
            }
        }
    }
}
