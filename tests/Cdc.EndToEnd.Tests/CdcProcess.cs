using System.Diagnostics;
using System.Text;

namespace Cdc.EndToEnd.Tests;

/// <summary>The program <c>cdc</c> at work on a file, as a user runs it: it can be killed at any moment and started again.</summary>
internal sealed class CdcProcess : IDisposable
{
    private readonly StringBuilder output = new();
    private readonly Process process;
    private bool isDisposed;

    private CdcProcess(string[] arguments)
    {
        var start = new ProcessStartInfo(Executable)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    public int Id => process.Id;

    /// <summary>All lines so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    private static string Executable => Path.Combine(Path.GetDirectoryName(typeof(CdcProcess).Assembly.Location)!, "cdc");

    public static CdcProcess Start(params string[] arguments) => new(arguments);

    /// <summary>SIGKILL: nothing of the program runs after it.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the end in order within 30 s.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return process.ExitCode;
    }

    /// <summary>Waits for the program to end by itself with 0; fails with what it said.</summary>
    public async Task EndsInOrderAsync(TimeSpan within)
    {
        var code = await WaitForExitAsync(within);
        Assert.True(code == 0, $"cdc ended with {code}:\n{Output}");
    }

    /// <summary>The exit code, once the program ended by itself.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(within);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"cdc did not end within {within.TotalSeconds:0} s:\n{Output}");
        }

        return process.ExitCode;
    }

    /// <summary>Fails with the program's output when it has ended by itself.</summary>
    public void ThrowIfExited()
    {
        if (process.HasExited)
            Assert.Fail($"cdc ended by itself with {process.ExitCode}:\n{Output}");
    }

    /// <summary>May be called again: a test that fails between two processes disposes of the first twice.</summary>
    public void Dispose()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private void Note(string? line)
    {
        lock (output)
            output.AppendLine(line);
    }
}
