using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Remote;
using Cdc.Contracts.Errors;
using Cdc.Control.Commands;
using Cdc.Transport.Embedded;

namespace Cdc.Cli.Commands;

/// <summary>
/// <c>cdc resync FILE TABLE…</c>: has tables read again. The process that runs the configuration is asked; where none runs, the request is
/// left in the log for the next one.
/// </summary>
internal sealed class ResyncCommand(Terminal terminal, OutputFormat format)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<int> RunAsync(string file, ResyncArguments arguments)
    {
        var options = ConfigurationFile.Load(file);
        var answered = await new RunningProcess(options.Log.Embedded.Path, Patience).AskAsync(
            CommandPaths.Resync, arguments, CommandJson.Default.ResyncArguments, CommandJson.Default.ResyncReceipt);
        var receipt = answered ?? await LeaveAsync(options, arguments);
        if (format == OutputFormat.Json)
            await terminal.Out.WriteLineAsync(JsonLines.Of(AsJson(receipt, isRunning: answered is not null)));
        else
            await TellAsync(receipt, file, isRunning: answered is not null);
        return ExitCode.Stopped;
    }

    private async Task<ResyncReceipt> LeaveAsync(InstallationOptions options, ResyncArguments arguments)
    {
        if (!Directory.Exists(options.Log.Embedded.Path))
        {
            throw new CdcException(ErrorCodes.ResyncTableUnknown,
                $"Asked to read tables again, the log's folder '{options.Log.Embedded.Path}' was found missing: nothing was captured yet.");
        }

        await using var log = Open(options.Log.Embedded, arguments);
        using var sender = new ResyncSender(log, options.Sources, async source =>
            CaptureRole.TablesOf(await log.ReadCheckpointAsync(source.TopicPrefix, CancellationToken.None), source));
        return await sender.SendAsync(arguments, CancellationToken.None);
    }

    /// <summary>A journal that is damaged is set aside where everything is to be read again, and said so; else it is refused.</summary>
    private EmbeddedLog Open(EmbeddedLogOptions options, ResyncArguments arguments)
    {
        try
        {
            return EmbeddedLog.Open(options, TimeProvider.System);
        }
        catch (CdcException error) when (error.Code == ErrorCodes.LogCorrupt && arguments is { Source: null, Tables: [ResyncRequest.All] })
        {
            var aside = EmbeddedLog.SetAside(options, TimeProvider.System);
            terminal.Error.WriteLine(
                Terminal.Plain($"{error.Code} {error.Message} The journal was set aside in '{aside}'; a new one is started."));
            return EmbeddedLog.Open(options, TimeProvider.System);
        }
    }

    private async Task TellAsync(ResyncReceipt receipt, string file, bool isRunning)
    {
        foreach (var request in receipt.Requests)
        {
            var tables = request.Tables.Count == 0 ? "the tables" : string.Create(CultureInfo.InvariantCulture,
                $"{request.Tables.Count} table{(request.Tables.Count == 1 ? "" : "s")}");
            var names = request.Tables.Count == 0 ? "" : ": " + string.Join(", ", request.Tables);
            await terminal.Out.WriteLineAsync(Terminal.Plain($"Source '{request.Source}' reads {tables} again{names}."));
        }

        await terminal.Out.WriteLineAsync(isRunning ? $"'cdc status {file}' shows how far it is."
            : $"Nothing runs: the next 'cdc run {file}' does it.");
    }

    private static JsonObject AsJson(ResyncReceipt receipt, bool isRunning) => new()
    {
        ["running"] = isRunning,
        ["requests"] = JsonSerializer.SerializeToNode(receipt, CommandJson.Default.ResyncReceipt)!["requests"]!.DeepClone(),
    };
}
