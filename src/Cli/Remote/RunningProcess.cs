using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cdc.Contracts.Errors;
using Cdc.Control;
using Cdc.Control.Commands;
using Cdc.Control.Status;

namespace Cdc.Cli.Remote;

/// <summary>
/// The process that has a log's folder open: it left its address, its own id and its token there. One that was killed leaves them too, and
/// another may have the port by now: only who answers with that id is it.
/// </summary>
/// <param name="folder">The log's.</param>
/// <param name="patience">How long an answer to a command may take.</param>
internal sealed class RunningProcess(string folder, TimeSpan patience)
{
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(10);

    private Uri? known;

    /// <summary>Its answer; null where none runs, or none that answers. What it refuses is thrown under its code.</summary>
    public async Task<TReceipt?> AskAsync<TArguments, TReceipt>(
        string path, TArguments command, JsonTypeInfo<TArguments> commands, JsonTypeInfo<TReceipt> receipts)
        where TReceipt : class
    {
        known ??= await FindAsync() is { Status: not null, Address: { } address } ? address : null;
        if (known is null)
            return null; // Another's process is not given the token.
        try
        {
            using var client = new HttpClient { Timeout = patience };
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(known, path));
            var token = await File.ReadAllTextAsync(Path.Combine(folder, CommandToken.FileName));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(command, commands));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
                return null; // The token is of the process that wrote it, so this is another one.
            await using var body = await answer.Content.ReadAsStreamAsync();
            return answer.IsSuccessStatusCode
                ? await JsonSerializer.DeserializeAsync(body, receipts)
                : throw Refused(await JsonSerializer.DeserializeAsync(body, CommandJson.Default.Refusal));
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or UriFormatException or HttpRequestException
                                              or TaskCanceledException or JsonException)
        {
            return null; // Where one runs all the same, the log's lock says so.
        }
    }

    /// <summary>Asks at the address that was left in the folder how the process is doing, and so whether it is the one.</summary>
    public async Task<FoundProcess> FindAsync()
    {
        if (await InstanceAddress.ReadAsync(folder) is not { } written)
            return FoundProcess.None;
        try
        {
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
            using var client = new HttpClient(handler) { Timeout = StatusPatience };
            using var answer = await client.GetAsync(new Uri(written.Address, "api/v1/status"));
            var status = await ReadAsync(answer);
            return written.IsOf(status?.Instance) ? new FoundProcess(written.Address, status, null)
                : new FoundProcess(written.Address, null, status?.Name);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or TaskCanceledException)
        {
            return FoundProcess.None;
        }
    }

    /// <summary>Null for what is no status: no process of ours asks for a password or sends one elsewhere.</summary>
    private static async Task<InstallationStatus?> ReadAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
            return null;
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync();
            return await JsonSerializer.DeserializeAsync(body, StatusJson.Default.InstallationStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CdcException Refused(Refusal? refusal)
    {
        var code = ErrorCodes.All.FirstOrDefault(known => string.Equals(known.ToString(), refusal?.Code, StringComparison.Ordinal));
        return new CdcException(code ?? ErrorCodes.CommandMalformed,
            refusal?.Message ?? "The running process refused without giving a reason.");
    }
}

/// <summary>What answers at the address that a process left behind.</summary>
/// <param name="Address">Where; null where nothing does.</param>
/// <param name="Status">What the process itself says; null where it is not the one that answers.</param>
/// <param name="Stranger">
/// The name of the installation that answers instead; null for none, or where what answers is no installation.
/// </param>
internal sealed record FoundProcess(Uri? Address, InstallationStatus? Status, string? Stranger)
{
    public static FoundProcess None { get; } = new(null, null, null);

    /// <summary>Whether something else has the port by now.</summary>
    public bool IsAnother => Address is not null && Status is null;
}
