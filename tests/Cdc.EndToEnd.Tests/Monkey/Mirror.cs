using System.Text.Json;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>The program at work: its file, its folder and its process.</summary>
internal sealed class Mirror : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly List<string> ended = [];
    private CdcProcess? process;

    public string File => Path.Combine(folder.Path, "monkey.yaml");

    /// <summary>A path beside the file.</summary>
    public string Beside(string name) => Path.Combine(folder.Path, name);

    /// <summary>The log's folder.</summary>
    public string Log => Path.Combine(folder.Path, "log");

    /// <summary>What the process says of all its lives, where that is more than that all is well.</summary>
    public string Output => string.Join("\n--- ended, and started again ---\n",
        ((string[])[.. ended, process?.Output ?? ""]).Select(life => string.Join('\n', Weighty(life).TakeLast(40))));

    public int ProcessId => process!.Id;

    /// <summary>Writes the file; nothing runs yet.</summary>
    public static async Task<Mirror> CreateAsync(Func<Mirror, string> configuration)
    {
        var mirror = new Mirror();
        await System.IO.File.WriteAllTextAsync(mirror.File, configuration(mirror));
        return mirror;
    }

    public void Start() => process = CdcProcess.Start("run", File);

    /// <summary>Ends the process in a way, does something, and starts it again; nobody else does so meanwhile.</summary>
    public async Task RestartAsync(Func<CdcProcess, Task> end, Func<Task>? between = null)
    {
        await turn.WaitAsync();
        try
        {
            await end(process!);
            ended.Add(process!.Output);
            process.Dispose();
            if (between is not null)
                await between();
            Start();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Does something to the process, which nobody kills meanwhile.</summary>
    public async Task WithProcessAsync(Func<CdcProcess, Task> what)
    {
        await turn.WaitAsync();
        try
        {
            await what(process!);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>How it ended where it did so by itself; null while it runs.</summary>
    public async Task<string?> EndAsync()
    {
        string? end = null;
        await WithProcessAsync(cdc =>
        {
            end = cdc.HasExited ? $"cdc ended by itself with {cdc.ExitCode}: {LastWords(cdc.Output)}" : null;
            return Task.CompletedTask;
        });
        return end;
    }

    /// <summary>
    /// Ends a process that must still run. A signal that comes before it listens for it would end it by the system's hand.
    /// </summary>
    public static async Task LeaveAsync(CdcProcess cdc, bool kill)
    {
        await Eventually.HoldsAsync("cdc has begun", () => cdc.Output.Length > 0);
        cdc.ThrowIfExited();
        if (kill)
            await cdc.KillAsync();
        else
            Assert.Equal(0, await cdc.StopAsync());
    }

    /// <summary>Waits until a look finds no fault; gives what it found last when the time is over, or how the process ended.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync(Func<Task<IReadOnlyList<string>>> look, TimeSpan within)
    {
        IReadOnlyList<string> faults = [];
        string? end = null;
        try
        {
            await Eventually.HoldsAsync("source and targets are equal", async () =>
            {
                faults = await look();
                end = await EndAsync();
                return faults.Count == 0 || end is not null;
            }, within);
        }
        catch (TimeoutException)
        {
            // Told below.
        }

        return end is null ? faults : [end];
    }

    /// <summary>Runs another command of the program to its end.</summary>
    public static async Task<string> CommandAsync(params string[] arguments)
    {
        using var command = CdcProcess.Start(arguments);
        await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return command.Output;
    }

    /// <summary>What <c>cdc status</c> says is stopped, as <c>side table: code text</c>; one line each.</summary>
    public async Task<IReadOnlyList<string>> TroublesAsync()
    {
        var text = await CommandAsync("status", File, "--output", "json");
        try
        {
            using var status = JsonDocument.Parse(text);
            return [.. Troubles(status.RootElement, "sources"), .. Troubles(status.RootElement, "sinks")];
        }
        catch (JsonException)
        {
            return [$"status: {text.Trim()}"];
        }
    }

    public void Dispose()
    {
        process?.Dispose();
        turn.Dispose();
        folder.Dispose();
    }

    private static string LastWords(string output) =>
        string.Join('\n', Weighty(output).Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).TakeLast(4));

    /// <summary>The lines that say more than that all is well.</summary>
    private static IEnumerable<string> Weighty(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => !line.Contains("\"level\":\"info\"", StringComparison.Ordinal))
        .Select(line => line.Length > 600 ? line[..600] : line);

    private static IEnumerable<string> Troubles(JsonElement status, string side)
    {
        foreach (var role in status.GetProperty(side).EnumerateArray())
        {
            var doing = side == "sources" ? role.GetProperty("activity").GetString() : role.GetProperty("state").GetString();
            if (doing is not ("streaming" or "running") || role.GetProperty("error").ValueKind != JsonValueKind.Null)
                yield return $"{side}: {doing} {Error(role)}";
            foreach (var table in role.GetProperty("tables").EnumerateArray())
            {
                if (table.GetProperty("error").ValueKind != JsonValueKind.Null)
                    yield return $"{side}: {table.GetProperty("table").GetString()}: {Error(table)}";
                else if (table.TryGetProperty("state", out var state) && state.GetString() is not ("streaming" or "gone"))
                    yield return $"{side}: {table.GetProperty("table").GetString()}: {state.GetString()}";
            }
        }
    }

    private static string Error(JsonElement element) => element.GetProperty("error") is { ValueKind: JsonValueKind.Object } error
        ? $"{error.GetProperty("code").GetString()} {error.GetProperty("text").GetString()}"
        : "";
}
