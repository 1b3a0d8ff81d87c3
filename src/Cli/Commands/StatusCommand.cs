using System.Text.Json;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Progress;
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
        var addressFile = Path.Combine(options.Log.Embedded.Path, ControlServer.AddressFileName);
        if (await AskAsync(addressFile) is not { } status)
        {
            await terminal.Error.WriteLineAsync(
                $"No process answers for '{options.Name}': 'cdc run {file}' starts one. Looked for its address in '{addressFile}'.");
            return ExitCode.Surroundings;
        }

        if (format == OutputFormat.Json)
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(status, StatusJson.Default.PipelineStatus));
        else
            Show(status, terminal);
        return ExitCode.Stopped;
    }

    internal static void Show(PipelineStatus status, Terminal terminal)
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

    /// <summary>The status, or null where no process runs or answers.</summary>
    private static async Task<PipelineStatus?> AskAsync(string addressFile)
    {
        try
        {
            var address = new Uri((await File.ReadAllTextAsync(addressFile)).Trim());
            using var client = new HttpClient { Timeout = Patience };
            await using var answer = await client.GetStreamAsync(new Uri(address, "api/v1/status"));
            return await JsonSerializer.DeserializeAsync(answer, StatusJson.Default.PipelineStatus);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UriFormatException
                                              or HttpRequestException or TaskCanceledException or JsonException)
        {
            return null;
        }
    }
}
