using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cdc.Contracts.Errors;
using Microsoft.AspNetCore.Http;

namespace Cdc.Control.Commands;

/// <summary>
/// A route for those who may read the log's folder: it changes something, or tells rows' values. Who sends a command shows the token, says
/// that the body is JSON, and is no other site's page in a browser.
/// </summary>
internal sealed class CommandRoute
{
    /// <summary>A command's most bytes; Kestrel reads no more.</summary>
    public const int MaxBytes = 64 << 10;

    private readonly CommandToken token;
    private readonly Func<Stream, CancellationToken, Task<byte[]?>> answer;
    private readonly int accepted;

    private CommandRoute(CommandToken token, string path, int accepted, Func<Stream, CancellationToken, Task<byte[]?>> answer)
    {
        this.token = token;
        this.accepted = accepted;
        this.answer = answer;
        Path = path;
    }

    public string Path { get; }

    /// <summary>The route of one kind of command.</summary>
    /// <param name="token">What must be shown.</param>
    /// <param name="carryOut">Throws a <see cref="CdcException"/> where the command is refused.</param>
    public static CommandRoute Of(CommandToken token, Func<ResyncArguments, CancellationToken, Task<ResyncReceipt>> carryOut) =>
        new(token, CommandPaths.Resync, StatusCodes.Status202Accepted,
        Answer(CommandJson.Default.ResyncArguments, CommandJson.Default.ResyncReceipt,
            command => command.Tables?.All(table => table is not null) == true, carryOut));

    /// <inheritdoc cref="Of(CommandToken, Func{ResyncArguments, CancellationToken, Task{ResyncReceipt}})"/>
    public static CommandRoute Of(CommandToken token, Func<TopicsArguments, CancellationToken, Task<TopicListing>> carryOut) =>
        new(token, CommandPaths.Topics, StatusCodes.Status200OK,
        Answer(CommandJson.Default.TopicsArguments, CommandJson.Default.TopicListing, _ => true, carryOut));

    /// <inheritdoc cref="Of(CommandToken, Func{ResyncArguments, CancellationToken, Task{ResyncReceipt}})"/>
    public static CommandRoute Of(CommandToken token, Func<EventsArguments, CancellationToken, Task<EventPage>> carryOut) =>
        new(token, CommandPaths.Events, StatusCodes.Status200OK,
        Answer(CommandJson.Default.EventsArguments, CommandJson.Default.EventPage, IsWhole, carryOut));

    public async Task<(int Status, byte[] Body)> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (IsForeign(request))
            return Refuse(StatusCodes.Status403Forbidden, ErrorCodes.CommandDenied,
                "The command came from a web page of another site; expected one that no browser sends.");
        if (!token.Admits(request.Headers.Authorization))
            return Refuse(StatusCodes.Status401Unauthorized, ErrorCodes.CommandDenied,
                "The command came without the token of this process.");
        if (!request.HasJsonContentType())
            return Refuse(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.CommandMalformed,
                "The command has another content type; expected 'application/json'.");
        try
        {
            return await answer(request.Body, cancellationToken) is { } body
                ? (accepted, body)
                : Refuse(StatusCodes.Status400BadRequest, ErrorCodes.CommandMalformed,
                    $"The command to '{Path}' is incomplete; expected an object with its keys.");
        }
        catch (JsonException)
        {
            return Refuse(StatusCodes.Status400BadRequest, ErrorCodes.CommandMalformed,
                "The body of the command is not JSON of the expected form.");
        }
        catch (BadHttpRequestException error)
        {
            return Refuse(error.StatusCode, ErrorCodes.CommandMalformed,
                $"The body of the command could not be read; expected at most {MaxBytes} bytes.");
        }
        catch (CdcException error)
        {
            var isTheirs = error.Kind == ErrorKind.ConfigurationInvalid;
            return Refuse(isTheirs ? StatusCodes.Status400BadRequest : StatusCodes.Status503ServiceUnavailable, error.Code, error.Message);
        }
    }

    /// <summary>Null where the command is not whole.</summary>
    private static Func<Stream, CancellationToken, Task<byte[]?>> Answer<TArguments, TReceipt>(
        JsonTypeInfo<TArguments> commands, JsonTypeInfo<TReceipt> receipts, Func<TArguments, bool> isWhole,
        Func<TArguments, CancellationToken, Task<TReceipt>> carryOut)
        where TArguments : class =>
        async (body, cancellationToken) => await JsonSerializer.DeserializeAsync(body, commands, cancellationToken) is { } command
            && isWhole(command)
            ? JsonSerializer.SerializeToUtf8Bytes(await carryOut(command, cancellationToken), receipts)
            : null;

    private static bool IsWhole(EventsArguments command) =>
        command is { Topic: not null, From.Count: > 0 } && command.From.All(place => place is not null)
            && command.From.DistinctBy(place => place.Partition).Count() == command.From.Count;

    private static bool IsForeign(HttpRequest request) =>
        request.Headers.Origin.Count > 0
            && !string.Equals(request.Headers.Origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    private static (int Status, byte[] Body) Refuse(int status, ErrorCode code, string message) =>
        (status, JsonSerializer.SerializeToUtf8Bytes(new Refusal(code.ToString(), message, code.Remedy), CommandJson.Default.Refusal));
}
