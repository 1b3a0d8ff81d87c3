using System.Diagnostics;
using System.Globalization;
using System.Net;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>The server that is captured: few connections, an owner of the tables, and a role for capture that is no superuser.</summary>
internal sealed class SourceServer : IAsyncDisposable
{
    public const string Owner = "app";
    public const string Role = "capture";

    private readonly CertificateFolder certificates = new();

    private SourceServer(PostgresServer server, bool tls)
    {
        Server = server;
        IsEncrypted = tls;
    }

    public PostgresServer Server { get; }

    public bool IsEncrypted { get; }

    /// <summary>The certificate authority's file, for the client.</summary>
    public string Authority => certificates.PathOf("authority.crt");

    public static async Task<SourceServer> StartAsync(int major, bool tls, int connections)
    {
        var server = await PostgresServer.StartAsync(major,
            string.Create(CultureInfo.InvariantCulture, $"max_connections = {connections}"), "max_prepared_transactions = 5",
            "log_lock_waits = on");
        var source = new SourceServer(server, tls);
        if (tls)
            await source.EncryptAsync();
        await server.ExecuteAsync($"CREATE ROLE {Owner} LOGIN; CREATE ROLE {Role} LOGIN REPLICATION IN ROLE {Owner};");
        await server.ExecuteAsync($"CREATE DATABASE source OWNER {Owner}");
        await server.ExecuteAsync($"GRANT CREATE ON DATABASE source TO {Role}", "source");
        return source;
    }

    /// <summary>SIGSTOP or SIGCONT to the server and all its processes.</summary>
    public async Task SignalAsync(string signal)
    {
        var first = (await File.ReadAllLinesAsync(Path.Combine(Server.DataFolder, "postmaster.pid")))[0].Trim();
        // Processes of the server that begin meanwhile stop at its first one, which is stopped first and continues last.
        var children = Children(first);
        using var kill = Process.Start("kill", signal == "-STOP" ? [signal, first, .. children] : [signal, .. children, first]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        certificates.Dispose();
        await Server.DisposeAsync();
    }

    private static string[] Children(string parent)
    {
        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => Path.GetFileName(folder).All(char.IsAsciiDigit)))
        {
            try
            {
                // The fields after the program's name, which may hold anything, blanks included.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent)
                    found.Add(Path.GetFileName(folder));
            }
            catch (IOException)
            {
                // Gone meanwhile.
            }
        }

        return [.. found];
    }

    private async Task EncryptAsync()
    {
        using var authority = certificates.CreateAuthority("authority");
        certificates.Issue(authority, "server", "db.example", IPAddress.Loopback);
        await certificates.InstallAsync(Server, "local all all trust\nhost all all all trust\n");
    }
}
