using System.Text.Json.Serialization;

namespace Cdc.Control.Commands;

/// <summary>The routes that take commands.</summary>
public static class CommandPaths
{
    public const string Resync = "/api/v1/resync";
    public const string Topics = "/api/v1/topics";
    public const string Events = "/api/v1/events";
}

/// <summary>Why a command was refused.</summary>
/// <param name="Code"><c>CDC-</c> and four digits.</param>
/// <param name="Message">Never a row's value or a secret (Invariant 8).</param>
/// <param name="Remedy">What to do.</param>
public sealed record Refusal(string Code, string Message, string Remedy);

/// <summary>How commands and their answers are written in JSON: names in camelCase; a key that is not known is refused.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ResyncArguments))]
[JsonSerializable(typeof(ResyncReceipt))]
[JsonSerializable(typeof(TopicsArguments))]
[JsonSerializable(typeof(TopicListing))]
[JsonSerializable(typeof(EventsArguments))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(Refusal))]
public sealed partial class CommandJson : JsonSerializerContext;
