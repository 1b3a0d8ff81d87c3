using System.Text.Json.Serialization;

namespace Cdc.Control.Orders;

/// <summary>The routes that take orders.</summary>
public static class OrderPaths
{
    public const string Resync = "/api/v1/resync";
    public const string Topics = "/api/v1/topics";
    public const string Events = "/api/v1/events";
}

/// <summary>Why an order was refused.</summary>
/// <param name="Code"><c>CDC-</c> and four digits.</param>
/// <param name="Message">Never a row's value or a secret (Invariant 8).</param>
/// <param name="Remedy">What to do.</param>
public sealed record Refusal(string Code, string Message, string Remedy);

/// <summary>How orders and their answers are written in JSON: names in camelCase; a key that is not known is refused.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ResyncOrder))]
[JsonSerializable(typeof(ResyncReceipt))]
[JsonSerializable(typeof(TopicsOrder))]
[JsonSerializable(typeof(TopicListing))]
[JsonSerializable(typeof(EventsOrder))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(Refusal))]
public sealed partial class OrderJson : JsonSerializerContext;
