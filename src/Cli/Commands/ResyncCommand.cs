using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Cli.Configuration;
using Cdc.Cli.Orders;
using Cdc.Cli.Output;
using Cdc.Contracts.Errors;
using Cdc.Control;
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
        var answered = await AskAsync(options.Log.Embedded.Path, order);
        var receipt = answered ?? await LeaveAsync(options, order);
        if (format == OutputFormat.Json)
            await terminal.Out.WriteLineAsync(JsonLines.Of(AsJson(receipt, isRunning: answered is not null)));
        else
            await TellAsync(receipt, file, isRunning: answered is not null);
        return ExitCode.Stopped;
    }

    /// <summary>The running process' answer; null where none runs. What it refuses is thrown under its code.</summary>
    private static async Task<ResyncReceipt?> AskAsync(string folder, ResyncOrder order)
    {
        try
        {
            var address = new Uri((await File.ReadAllTextAsync(Path.Combine(folder, ControlServer.AddressFileName))).Trim());
            using var client = new HttpClient { Timeout = Patience };
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "api/v1/resync"));
            var token = await File.ReadAllTextAsync(Path.Combine(folder, OrderToken.FileName));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(order, OrderJson.Default.ResyncOrder));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.SendAsync(request);
            await using var body = await answer.Content.ReadAsStreamAsync();
            return answer.IsSuccessStatusCode
                ? await JsonSerializer.DeserializeAsync(body, OrderJson.Default.ResyncReceipt)
                : throw Refused(await JsonSerializer.DeserializeAsync(body, OrderJson.Default.Refusal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UriFormatException or HttpRequestException
                                              or TaskCanceledException or JsonException)
        {
            return null; // Where one runs all the same, the log's lock says so.
        }
    }

    private static CdcException Refused(Refusal? refusal)
    {
        var code = ErrorCodes.All.FirstOrDefault(known => string.Equals(known.ToString(), refusal?.Code, StringComparison.Ordinal));
        return new CdcException(code ?? ErrorCodes.OrderMalformed, refusal?.Message ?? "The process that runs refused without saying why.");
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
