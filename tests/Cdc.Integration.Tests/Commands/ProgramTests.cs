using System.Diagnostics;

namespace Cdc.Integration.Tests.Commands;

/// <summary>The program itself, as a process.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData(0, "version")]
    [InlineData(2, "check", "/nowhere/shop.yaml")]
    [InlineData(2, "frobnicate")]
    public async Task The_exit_code_reaches_whoever_started_it(int code, params string[] arguments)
    {
        var (ended, text) = await RunAsync(new Dictionary<string, string>(), arguments);

        Assert.True(code == ended, $"It ended with {ended}: {text}");
    }

    // Invariant 5
    [Fact]
    public async Task Invariant_5_folder_that_cannot_be_locked_is_refused()
    {
        using var folder = new ConfigurationFolder();

        var (ended, text) = await RunAsync(new Dictionary<string, string> { ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1" }, "run",
            folder.File);

        Assert.True(ended == 3, $"It ended with {ended}: {text}");
        Assert.Contains("CDC-3022", text, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Text)> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "cdc.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(texts));
    }
}
