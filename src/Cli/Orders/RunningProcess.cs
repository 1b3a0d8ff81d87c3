using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cdc.Contracts.Errors;
using Cdc.Control;
using Cdc.Control.Orders;

namespace Cdc.Cli.Orders;

/// <summary>The process that has a log's folder open: it left its address and its token there.</summary>
/// <param name="folder">The log's.</param>
/// <param name="patience">How long an answer may take.</param>
internal sealed class RunningProcess(string folder, TimeSpan patience)
{
    /// <summary>Its answer; null where none runs, or none that answers. What it refuses is thrown under its code.</summary>
    public async Task<TReceipt?> AskAsync<TOrder, TReceipt>(string path, TOrder order, JsonTypeInfo<TOrder> orders, JsonTypeInfo<TReceipt> receipts)
        where TReceipt : class
    {
        try
        {
            var address = new Uri((await File.ReadAllTextAsync(Path.Combine(folder, ControlServer.AddressFileName))).Trim());
            using var client = new HttpClient { Timeout = patience };
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path));
            var token = await File.ReadAllTextAsync(Path.Combine(folder, OrderToken.FileName));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(order, orders));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var body = await answer.Content.ReadAsStreamAsync();
            return answer.IsSuccessStatusCode
                ? await JsonSerializer.DeserializeAsync(body, receipts)
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
}
