using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Cdc.Cli.Output;

namespace Cdc.Cli.Commands;

/// <summary><c>cdc version</c>.</summary>
internal static class VersionCommand
{
    public static string Version { get; } = typeof(VersionCommand).Assembly.GetName().Version!.ToString(3);

    public static int Run(Terminal terminal, OutputFormat format)
    {
        terminal.Out.WriteLine(format == OutputFormat.Json
            ? JsonLines.Of(new JsonObject
            {
                ["version"] = Version,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
                ["platform"] = RuntimeInformation.RuntimeIdentifier,
            })
            : $"cdc {Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})");
        return ExitCode.Stopped;
    }
}
