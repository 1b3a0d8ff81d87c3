using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cdc.Testing;

/// <summary>The server programs of one PostgreSQL version. PostgreSQL refuses root: as root they run as the user <c>postgres</c>.</summary>
internal sealed class PostgresPrograms(string folder)
{
    public static readonly string[] AsPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];

    public static bool IsRoot { get; } = Geteuid() == 0;

    /// <summary>The folder of the programs of a major version, or null where that version is not there.</summary>
    public static string? Find(int major)
    {
        string[] candidates =
        [
            Environment.GetEnvironmentVariable($"CDC_POSTGRES_{major}") ?? "",
            Path.Combine(Reachable(Path.Combine(RepositoryFolder.Tools, $"postgres-{major}")), "bin"),
            $"/usr/lib/postgresql/{major}/bin",
        ];
        return candidates.FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, "postgres")));
    }

    /// <summary>The words of a command line that runs one of the programs as the cluster's owner.</summary>
    public string[] CommandLine(string program, params string[] arguments)
    {
        var path = Path.Combine(folder, program);
        return IsRoot ? [.. AsPostgres, path, .. arguments] : [path, .. arguments];
    }

    public Task RunAsync(string program, params string[] arguments) => RunAnyAsync(CommandLine(program, arguments));

    /// <summary>Runs a program to its end; throws with its output when it fails.</summary>
    public static async Task RunAnyAsync(params string[] words)
    {
        // pg_ctl leaves the server running with its output: a pipe would never end, so output goes to a file.
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/sh",
                ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, .. words])
            {
                WorkingDirectory = "/",
            };
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
                throw new InvalidOperationException(
                    $"'{string.Join(' ', words)}' ended with {process.ExitCode}: {await File.ReadAllTextAsync(output)}");
        }
        finally
        {
            File.Delete(output);
        }
    }

    // Where the servers' user cannot pass through the repository's parents, build/setup.sh leaves a link to a place where it can.
    private static string Reachable(string place) =>
        Directory.Exists(place) ? Directory.ResolveLinkTarget(place, returnFinalTarget: true)?.FullName ?? place : place;

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint Geteuid();
}
