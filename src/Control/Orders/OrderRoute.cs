using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cdc.Contracts.Errors;
using Microsoft.AspNetCore.Http;

namespace Cdc.Control.Orders;

/// <summary>
/// A route for those who may read the log's folder: it changes something, or tells rows' values. Who sends an order shows the token, says that the
/// body is JSON, and is no other site's page in a browser.
/// </summary>
internal sealed class OrderRoute
{
    /// <summary>An order's most bytes; Kestrel reads no more.</summary>
    public const int MaxBytes = 64 << 10;

    private readonly OrderToken token;
    private readonly Func<Stream, CancellationToken, Task<byte[]?>> answer;
    private readonly int accepted;

    private OrderRoute(OrderToken token, string path, int accepted, Func<Stream, CancellationToken, Task<byte[]?>> answer)
    {
        this.token = token;
        this.accepted = accepted;
        this.answer = answer;
        Path = path;
    }

    public string Path { get; }

    /// <summary>The route of one kind of order.</summary>
    /// <param name="token">What must be shown.</param>
    /// <param name="carryOut">Throws a <see cref="CdcException"/> where the order is refused.</param>
    public static OrderRoute Of(OrderToken token, Func<ResyncOrder, CancellationToken, Task<ResyncReceipt>> carryOut) => new(token, OrderPaths.Resync, StatusCodes.Status202Accepted,
        Answer(OrderJson.Default.ResyncOrder, OrderJson.Default.ResyncReceipt, order => order.Tables?.All(table => table is not null) == true, carryOut));

    /// <inheritdoc cref="Of(OrderToken, Func{ResyncOrder, CancellationToken, Task{ResyncReceipt}})"/>
    public static OrderRoute Of(OrderToken token, Func<TopicsOrder, CancellationToken, Task<TopicListing>> carryOut) => new(token, OrderPaths.Topics, StatusCodes.Status200OK,
        Answer(OrderJson.Default.TopicsOrder, OrderJson.Default.TopicListing, _ => true, carryOut));

    /// <inheritdoc cref="Of(OrderToken, Func{ResyncOrder, CancellationToken, Task{ResyncReceipt}})"/>
    public static OrderRoute Of(OrderToken token, Func<EventsOrder, CancellationToken, Task<EventPage>> carryOut) => new(token, OrderPaths.Events, StatusCodes.Status200OK,
        Answer(OrderJson.Default.EventsOrder, OrderJson.Default.EventPage, IsWhole, carryOut));

    public async Task<(int Status, byte[] Body)> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (IsForeign(request))
            return Refuse(StatusCodes.Status403Forbidden, ErrorCodes.OrderDenied, "An order came from a page of another site; expected none of a browser's.");
        if (!token.Admits(request.Headers.Authorization))
            return Refuse(StatusCodes.Status401Unauthorized, ErrorCodes.OrderDenied, "An order came without this process' token.");
        if (!request.HasJsonContentType())
            return Refuse(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.OrderMalformed, "An order's body was announced as something else; expected 'application/json'.");
        try
        {
            return await answer(request.Body, cancellationToken) is { } body
                ? (accepted, body)
                : Refuse(StatusCodes.Status400BadRequest, ErrorCodes.OrderMalformed, $"An order to '{Path}' does not say what it means; expected an object with its keys.");
        }
        catch (JsonException)
        {
            return Refuse(StatusCodes.Status400BadRequest, ErrorCodes.OrderMalformed, "An order's body is not JSON of the form that is expected.");
        }
        catch (BadHttpRequestException error)
        {
            return Refuse(error.StatusCode, ErrorCodes.OrderMalformed, $"An order's body could not be read; expected at most {MaxBytes} bytes.");
        }
        catch (CdcException error)
        {
            var isTheirs = error.Kind == ErrorKind.ConfigurationInvalid;
            return Refuse(isTheirs ? StatusCodes.Status400BadRequest : StatusCodes.Status503ServiceUnavailable, error.Code, error.Message);
        }
    }

    /// <summary>Null where the order is not whole.</summary>
    private static Func<Stream, CancellationToken, Task<byte[]?>> Answer<TOrder, TReceipt>(
        JsonTypeInfo<TOrder> orders, JsonTypeInfo<TReceipt> receipts, Func<TOrder, bool> isWhole, Func<TOrder, CancellationToken, Task<TReceipt>> carryOut)
        where TOrder : class =>
        async (body, cancellationToken) => await JsonSerializer.DeserializeAsync(body, orders, cancellationToken) is { } order && isWhole(order)
            ? JsonSerializer.SerializeToUtf8Bytes(await carryOut(order, cancellationToken), receipts)
            : null;

    private static bool IsWhole(EventsOrder order) =>
        order is { Topic: not null, From.Count: > 0 } && order.From.All(place => place is not null) && order.From.DistinctBy(place => place.Partition).Count() == order.From.Count;

    private static bool IsForeign(HttpRequest request) =>
        request.Headers.Origin.Count > 0 && !string.Equals(request.Headers.Origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    private static (int Status, byte[] Body) Refuse(int status, ErrorCode code, string message) =>
        (status, JsonSerializer.SerializeToUtf8Bytes(new Refusal(code.ToString(), message, code.Remedy), OrderJson.Default.Refusal));
}
