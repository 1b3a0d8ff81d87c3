using System.Diagnostics;
using System.Runtime.Versioning;

namespace Cdc.Architecture.Tests;

/// <summary>The scripts that build, test and run.</summary>
[SupportedOSPlatform("linux")]
public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => [.. Sources.Files("build", "*.sh").Concat(["build/cdc", ".ci/run"])];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Script_is_executable_strict_and_well_formed(string path)
    {
        var text = File.ReadAllText(Sources.PathOf(path));
        Assert.StartsWith("#!/usr/bin/env bash\n", text, StringComparison.Ordinal);
        Assert.Matches("\nset -E?euo pipefail\n", text);
        Assert.True(File.GetUnixFileMode(Sources.PathOf(path)).HasFlag(UnixFileMode.UserExecute),
            $"{path} is not executable: chmod +x, and git update-index --chmod=+x.");

        using var check = Process.Start(new ProcessStartInfo("bash", ["-n", Sources.PathOf(path)]) { RedirectStandardError = true })!;
        var complaint = check.StandardError.ReadToEnd();
        check.WaitForExit();
        Assert.True(check.ExitCode == 0, complaint);
    }

    [Fact]
    public void No_ignore_line_swallows_a_script()
    {
        using var check = Process.Start(new ProcessStartInfo("git", ["check-ignore", "--no-index", .. Scripts.Select(row => row.Data)])
        {
            WorkingDirectory = Sources.PathOf(""),
            RedirectStandardOutput = true,
        })!;
        var ignored = check.StandardOutput.ReadToEnd();
        check.WaitForExit();
        Assert.Equal("", ignored);
    }
}
