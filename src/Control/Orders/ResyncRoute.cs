using System.Text.Json;
using Cdc.Contracts.Errors;
using Microsoft.AspNetCore.Http;

namespace Cdc.Control.Orders;

/// <summary>
/// The one route that changes something. Who sends an order shows the token, says that the body is JSON, and is no other site's page in a
/// browser.
/// </summary>
/// <param name="token">What must be shown.</param>
/// <param name="resync">Carries an order out; throws a <see cref="CdcException"/> where it is refused.</param>
internal sealed class ResyncRoute(OrderToken token, Func<ResyncOrder, CancellationToken, Task<ResyncReceipt>> resync)
{
    public const string Path = "/api/v1/resync";

    /// <summary>An order's most bytes; Kestrel reads no more.</summary>
    public const int MaxBytes = 64 << 10;

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
            if (await JsonSerializer.DeserializeAsync(request.Body, OrderJson.Default.ResyncOrder, cancellationToken) is not { Tables: not null } order
                || order.Tables.Any(table => table is null))
                return Refuse(StatusCodes.Status400BadRequest, ErrorCodes.OrderMalformed, "An order names no tables; expected an object with 'tables'.");
            var receipt = await resync(order, cancellationToken);
            return (StatusCodes.Status202Accepted, JsonSerializer.SerializeToUtf8Bytes(receipt, OrderJson.Default.ResyncReceipt));
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

    private static bool IsForeign(HttpRequest request) =>
        request.Headers.Origin.Count > 0 && !string.Equals(request.Headers.Origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    private static (int Status, byte[] Body) Refuse(int status, ErrorCode code, string message) =>
        (status, JsonSerializer.SerializeToUtf8Bytes(new Refusal(code.ToString(), message, code.Remedy), OrderJson.Default.Refusal));
}
