using System.Diagnostics;
using System.Text.Json;

namespace Cdc.Integration.Tests;

/// <summary>An Avro reader of other makers (avsc, on node): it knows nothing of our codec.</summary>
internal static class IndependentReader
{
    /// <summary>Decodes records of one schema; a line of JSON for each. Skips the test, saying so, where node or avsc is missing.</summary>
    public static async Task<IReadOnlyList<string>> DecodeAsync(
        string schema, IEnumerable<byte[]> records, CancellationToken cancellationToken)
    {
        var modules = Path.Combine(Environment.GetEnvironmentVariable("CDC_TOOLS") ?? Path.Combine(Root(), ".tools"), "node_modules");
        if (!Directory.Exists(Path.Combine(modules, "avsc")))
            Assert.Skip($"'avsc' is missing: no such folder in '{modules}' (CDC_TOOLS).");
        if (FindNode() is not { } node)
        {
            Assert.Skip("'node' is missing on the PATH.");
            return [];
        }

        using var process = Start(node, modules);
        var input = JsonSerializer.Serialize(new { schema, records = records.Select(Convert.ToBase64String) });
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Process Start(string node, string modules)
    {
        var start = new ProcessStartInfo(node, Path.Combine(Root(), "tests", "avsc", "decode.js"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_PATH"] = modules;
        return Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
    }

    private static string? FindNode() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node"))
        .FirstOrDefault(File.Exists);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cdc.Platform.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
