using System.Text.Json.Nodes;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;

namespace Cdc.Cli.Commands;

/// <summary><c>cdc check FILE</c>: reads the configuration and tells everything that is wrong in it; starts nothing.</summary>
internal static class CheckCommand
{
    public static int Run(string file, Terminal terminal, OutputFormat format)
    {
        var options = ConfigurationFile.Load(file);
        terminal.Out.WriteLine(format == OutputFormat.Json
            ? JsonLines.Of(new JsonObject { ["file"] = file, ["name"] = options.Name, ["faults"] = new JsonArray() })
            : $"{file}: the configuration is valid: {Count(options.Sources.Count, "source")}, {Count(options.Sinks.Count, "sink")}.");
        return ExitCode.Stopped;
    }

    private static string Count(int count, string what) => FormattableString.Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}
