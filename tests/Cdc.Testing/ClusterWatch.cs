using System.Diagnostics;

namespace Cdc.Testing;

/// <summary>
/// A small process that holds the end of a pipe: when the pipe closes, because the test is done or because its process was killed, it
/// stops the cluster's server and removes the cluster's folder. So nothing is left over however a test run ends. It tries more than once,
/// for a program that the killed test had started may still be filling the folder.
/// </summary>
internal sealed class ClusterWatch : IAsyncDisposable
{
    private const string Script = """
        trap '' HUP INT TERM
        exec >/dev/null 2>&1
        folder=$1
        shift
        cat
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
            "$@"
            rm -rf "$folder" && break
            sleep 0.5
        done
        """;

    private readonly Process process;

    private ClusterWatch(Process process) => this.process = process;

    public static ClusterWatch Start(PostgresPrograms programs, string folder, string dataFolder)
    {
        var stop = programs.CommandLine("pg_ctl", "-D", dataFolder, "-m", "immediate", "-w", "-t", "30", "stop");
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Script, "sh", folder, .. stop])
        {
            RedirectStandardInput = true, WorkingDirectory = "/",
        };
        return new ClusterWatch(Process.Start(start)!);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
