using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cdc.Testing;

/// <summary>A transaction pooler before a server: each transaction goes to the server's process that rested longest.</summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private readonly string[] words;
    private readonly string folder;
    private Process process;

    private PgBouncer(string[] words, string folder, int port)
    {
        this.words = words;
        this.folder = folder;
        Port = port;
        process = Start(words);
    }

    public int Port { get; }

    /// <summary>Starts one with two processes of the server; skips the test, by name, where the program is missing.</summary>
    /// <param name="server">To which it leads.</param>
    /// <param name="users">Who gets through, beside the superuser.</param>
    public static async Task<PgBouncer> StartAsync(PostgresServer server, params string[] users)
    {
        var program = ((string[])["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]).FirstOrDefault(File.Exists);
        if (program is null)
        {
            const string Missing = "pgbouncer is missing: run build/setup.sh, or install it (Debian: apt-get install pgbouncer).";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Xunit.Assert.Fail(Missing);
            Xunit.Assert.Skip(Missing);
        }

        var folder = Directory.CreateTempSubdirectory("cdc-bouncer-").FullName;
        var port = PostgresServer.FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "users.txt"),
            string.Concat(users.Prepend(PostgresServer.User).Select(user => $"\"{user}\" \"\"\n")));
        await File.WriteAllTextAsync(Path.Combine(folder, "pgbouncer.ini"), string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host={PostgresServer.Host} port={server.Port}
            [pgbouncer]
            listen_addr = {PostgresServer.Host}
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {folder}/users.txt
            pool_mode = transaction
            min_pool_size = 2
            default_pool_size = 2
            server_round_robin = 1
            logfile = {folder}/log
            """));
        if (PostgresPrograms.IsRoot)
            await PostgresPrograms.RunAnyAsync("chown", "-R", "postgres", folder);
        string[] words =
        [
            .. PostgresPrograms.IsRoot ? PostgresPrograms.AsPostgres : [], program!, "-q", Path.Combine(folder, "pgbouncer.ini"),
        ];
        var bouncer = new PgBouncer(words, folder, port);
        await Eventually.HoldsAsync("the pooler takes connections", bouncer.IsUpAsync);
        return bouncer;
    }

    /// <summary>Kills it, with all connections that it has, and starts it again.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        process = Start(words);
        await Eventually.HoldsAsync("the pooler takes connections again", IsUpAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static Process Start(string[] words) =>
        Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true })!;

    private async Task EndAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> IsUpAsync()
    {
        if (process.HasExited)
            throw new InvalidOperationException($"pgbouncer ended: {await process.StandardError.ReadToEndAsync()}");
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
