using System.Text.Json.Nodes;
using Cdc.Cli.Checks;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Contracts.Checks;

namespace Cdc.Cli.Commands;

/// <summary>How far a check looks.</summary>
internal enum CheckReach
{
    /// <summary>At the file only.</summary>
    File,

    /// <summary>At everything the file names, too.</summary>
    Surroundings,
}

/// <summary>
/// <c>cdc check FILE</c>: tells everything that is wrong in a configuration and in what it names; starts nothing, writes nothing.
/// </summary>
internal static class CheckCommand
{
    public static async Task<int> RunAsync(string file, CheckReach reach, Terminal terminal, OutputFormat format)
    {
        var options = ConfigurationFile.Load(file);
        var valid = $"{file}: the configuration is valid: {Count(options.Sources.Count, "source")}, {Count(options.Sinks.Count, "sink")}.";
        if (format == OutputFormat.Text)
            await terminal.Out.WriteLineAsync(valid);
        var parts = reach == CheckReach.File ? [] : await Surroundings.CheckAsync(options, CancellationToken.None);
        if (format == OutputFormat.Json)
        {
            await terminal.Out.WriteLineAsync(JsonLines.Of(new JsonObject
            {
                ["file"] = file, ["name"] = options.Name, ["faults"] = new JsonArray(), ["findings"] = CheckReport.AsJson(parts),
            }));
        }
        else if (reach == CheckReach.Surroundings)
        {
            await terminal.Out.WriteAsync(CheckReport.AsText(parts, terminal.IsColoured));
        }

        return parts.Any(part => part.Findings.Any(finding => finding.Level == FindingLevel.Fault)) ? ExitCode.Surroundings
            : ExitCode.Stopped;
    }

    private static string Count(int count, string what) => FormattableString.Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}
