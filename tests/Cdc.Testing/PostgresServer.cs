using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;

namespace Cdc.Testing;

/// <summary>
/// A throwaway PostgreSQL cluster in a temporary folder, on a free port of the loopback address and a unix socket, made for logical
/// replication. PostgreSQL refuses root: as root its programs run as the user <c>postgres</c>.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string binaries;

    private PostgresServer(string binaries, string folder, int port)
    {
        this.binaries = binaries;
        Folder = folder;
        Port = port;
    }

    /// <summary>The cluster's folder: <c>data</c>, <c>server.log</c> and the unix socket lie in it.</summary>
    public string Folder { get; }

    public string DataFolder => Path.Combine(Folder, "data");

    public string LogFile => Path.Combine(Folder, "server.log");

    public int Port { get; }

    public static string Host => "127.0.0.1";

    /// <summary>Superuser without password (trust).</summary>
    public static string User => "postgres";

    /// <summary>The folder of the server programs of a major version, or null where that version is not there.</summary>
    public static string? FindBinaries(int major)
    {
        string[] candidates =
        [
            Environment.GetEnvironmentVariable($"CDC_POSTGRES_{major}") ?? "",
            Path.Combine(RepositoryFolder.Tools, $"postgres-{major}", "bin"),
            $"/usr/lib/postgresql/{major}/bin",
        ];
        return candidates.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")));
    }

    /// <summary>Starts a cluster of that major version; skips the test, by name, where the version is missing (on CI: fails).</summary>
    public static async Task<PostgresServer> StartAsync(int major = 15, params string[] settings)
    {
        var binaries = FindBinaries(major);
        if (binaries is null)
        {
            var missing = $"PostgreSQL {major} is missing: run build/setup.sh, or set CDC_POSTGRES_{major} to the folder of its programs.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert(false, missing);
            Xunit.Assert.Skip(missing);
        }

        var folder = Directory.CreateTempSubdirectory("cdc-pg-").FullName;
        var server = new PostgresServer(binaries!, folder, FreePort());
        if (Geteuid() == 0)
            await ProgramAsync("chown", ["postgres", folder]);
        await server.PostgresProgramAsync("initdb", ["-D", server.DataFolder, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        await File.AppendAllTextAsync(Path.Combine(server.DataFolder, "postgresql.conf"), $"""

            listen_addresses = '127.0.0.1'
            port = {server.Port}
            unix_socket_directories = '{folder}'
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
        await server.StartAgainAsync();
        return server;
    }

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

    public async Task<T> QueryAsync<T>(string sql, string database = "postgres")
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task StartAgainAsync() =>
        PostgresProgramAsync("pg_ctl", ["-D", DataFolder, "-l", LogFile, "-w", "-t", "60", "start"]);

    /// <param name="mode"><c>smart</c>, <c>fast</c> or <c>immediate</c> (a crash).</param>
    public Task StopAsync(string mode = "fast") =>
        PostgresProgramAsync("pg_ctl", ["-D", DataFolder, "-w", "-t", "60", "-m", mode, "stop"]);

    /// <summary>Runs one of the server's programs as the cluster's owner; throws with its output when it fails.</summary>
    public Task PostgresProgramAsync(string program, string[] arguments)
    {
        var path = Path.Combine(binaries, program);
        return Geteuid() == 0
            ? ProgramAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : ProgramAsync(path, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync("immediate");
        }
        catch (InvalidOperationException)
        {
            // It was stopped by the test.
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ProgramAsync(string program, string[] arguments)
    {
        // pg_ctl leaves the server running with its output: a pipe would never end, so output goes to a file.
        var output = Path.GetTempFileName();
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        foreach (var argument in (string[])["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        var text = await File.ReadAllTextAsync(output);
        File.Delete(output);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {text}");
    }

    private static void Assert(bool condition, string message)
    {
        if (!condition)
            throw new InvalidOperationException(message);
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint Geteuid();
}
