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
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "cdc.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();

        Assert.True(code == process.ExitCode, $"It ended with {process.ExitCode}: {string.Concat(texts)}");
    }
}
