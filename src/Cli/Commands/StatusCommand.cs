using System.Text.Json;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Progress;
using Cdc.Cli.Remote;
using Cdc.Contracts.Errors;
using Cdc.Control;
using Cdc.Control.Status;
using Spectre.Console;

namespace Cdc.Cli.Commands;

/// <summary><c>cdc status FILE</c>: asks the process that runs this configuration.</summary>
internal static class StatusCommand
{
    private const int WidthOfFiles = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string file, Terminal terminal, OutputFormat format)
    {
        var options = ConfigurationFile.Load(file);
        var folder = options.Log.Embedded.Path;
        var found = await new RunningProcess(folder, Patience).FindAsync();
        if (found.IsAnother)
        {
            var who = found.Stranger is { } other ? $"an answer of installation '{other}'" : "something that is not one of our processes";
            throw new CdcException(ErrorCodes.AnotherInstallation,
                $"Asking how '{options.Name}' is doing, {who} was found at '{found.Address}', and the process that wrote that address " +
                $"into '{Path.Combine(folder, InstanceAddress.FileName)}' was expected.");
        }

        if (found.Status is not { } status)
        {
            await terminal.Error.WriteLineAsync(
                $"No process answers for '{options.Name}': 'cdc run {file}' starts one. Looked for its address " +
                $"in '{Path.Combine(folder, InstanceAddress.FileName)}'.");
            return ExitCode.Surroundings;
        }

        if (format == OutputFormat.Json)
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(status, StatusJson.Default.InstallationStatus));
        else
            Show(status, terminal);
        return ExitCode.Stopped;
    }

    internal static void Show(InstallationStatus status, Terminal terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            // Files and pipes get no escapes, whatever the environment says of a terminal.
            Ansi = terminal.IsLive ? AnsiSupport.Detect : AnsiSupport.No,
            Out = new AnsiConsoleOutput(terminal.Out),
        });
        if (!terminal.IsLive)
            console.Profile.Width = WidthOfFiles;
        console.Write(ProgressView.Of(status, int.MaxValue));
    }
}
