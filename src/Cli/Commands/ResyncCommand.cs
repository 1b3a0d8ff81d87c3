using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Cli.Configuration;
using Cdc.Cli.Orders;
using Cdc.Cli.Output;
using Cdc.Contracts.Errors;
using Cdc.Control.Orders;
using Cdc.Transport.Embedded;

namespace Cdc.Cli.Commands;

/// <summary>
/// <c>cdc resync FILE TABLE…</c>: has tables read again. The process that runs the configuration is asked; where none runs, the request is
/// left in the log for the next one.
/// </summary>
internal sealed class ResyncCommand(Terminal terminal, OutputFormat format)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<int> RunAsync(string file, ResyncOrder order)
    {
        var options = ConfigurationFile.Load(file);
        var answered = await new RunningProcess(options.Log.Embedded.Path, Patience).AskAsync(
            OrderPaths.Resync, order, OrderJson.Default.ResyncOrder, OrderJson.Default.ResyncReceipt);
        var receipt = answered ?? await LeaveAsync(options, order);
        if (format == OutputFormat.Json)
            await terminal.Out.WriteLineAsync(JsonLines.Of(AsJson(receipt, isRunning: answered is not null)));
        else
            await TellAsync(receipt, file, isRunning: answered is not null);
        return ExitCode.Stopped;
    }

    private async Task<ResyncReceipt> LeaveAsync(PipelineOptions options, ResyncOrder order)
    {
        if (!Directory.Exists(options.Log.Embedded.Path))
        {
            throw new CdcException(ErrorCodes.ResyncTableUnknown,
                $"Asked to read tables again, the log's folder '{options.Log.Embedded.Path}' was found missing: nothing was captured yet.");
        }

        await using var log = Open(options.Log.Embedded, order);
        using var orders = new ResyncOrders(log, options.Sources, async source =>
            CaptureRole.TablesOf(await log.ReadCheckpointAsync(source.TopicPrefix, CancellationToken.None), source));
        return await orders.SendAsync(order, CancellationToken.None);
    }

    /// <summary>A journal that is damaged is set aside where everything is to be read again, and said so; else it is refused.</summary>
    private EmbeddedLog Open(EmbeddedLogOptions options, ResyncOrder order)
    {
        try
        {
            return EmbeddedLog.Open(options, TimeProvider.System);
        }
        catch (CdcException error) when (error.Code == ErrorCodes.LogCorrupt && order is { Source: null, Tables: [ResyncRequest.All] })
        {
            var aside = EmbeddedLog.SetAside(options, TimeProvider.System);
            terminal.Error.WriteLine(Terminal.Plain($"{error.Code} {error.Message} The journal was set aside in '{aside}'; a new one is begun."));
            return EmbeddedLog.Open(options, TimeProvider.System);
        }
    }

    private async Task TellAsync(ResyncReceipt receipt, string file, bool isRunning)
    {
        foreach (var request in receipt.Requests)
        {
            var tables = request.Tables.Count == 0 ? "the tables" : string.Create(CultureInfo.InvariantCulture,
                $"{request.Tables.Count} table{(request.Tables.Count == 1 ? "" : "s")}");
            await terminal.Out.WriteLineAsync(Terminal.Plain(
                $"Source '{request.Source}' reads {tables} again{(request.Tables.Count == 0 ? "" : ": " + string.Join(", ", request.Tables))}."));
        }

        await terminal.Out.WriteLineAsync(isRunning ? $"'cdc status {file}' shows how far it is." : $"Nothing runs: the next 'cdc run {file}' does it.");
    }

    private static JsonObject AsJson(ResyncReceipt receipt, bool isRunning) => new()
    {
        ["running"] = isRunning,
        ["requests"] = JsonSerializer.SerializeToNode(receipt, OrderJson.Default.ResyncReceipt)!["requests"]!.DeepClone(),
    };
}
