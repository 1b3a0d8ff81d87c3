using System.Text.Json.Serialization;

namespace Cdc.Control.Orders;

/// <summary>Somebody asks that tables be read again: the body of <c>POST /api/v1/resync</c>.</summary>
/// <param name="Tables">Patterns over <c>schema.table</c>; <c>*</c> means every table of the source.</param>
/// <param name="Source">The source's name; null: every source that has such tables.</param>
public sealed record ResyncOrder(IReadOnlyList<string> Tables, string? Source = null);

/// <summary>What became of a <see cref="ResyncOrder"/>; durable.</summary>
public sealed record ResyncReceipt(IReadOnlyList<AcceptedResync> Requests);

/// <summary>One source reads tables again.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Id">The request's, for people.</param>
/// <param name="Tables">Those that are known by now; others that the patterns mean are read too.</param>
public sealed record AcceptedResync(string Source, string Id, IReadOnlyList<string> Tables);

/// <summary>Why an order was refused.</summary>
/// <param name="Code"><c>CDC-</c> and four digits.</param>
/// <param name="Message">Never a row's value or a secret (Invariant 8).</param>
/// <param name="Remedy">What to do.</param>
public sealed record Refusal(string Code, string Message, string Remedy);

/// <summary>How orders and their answers are written in JSON: names in camelCase; a key that is not known is refused.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ResyncOrder))]
[JsonSerializable(typeof(ResyncReceipt))]
[JsonSerializable(typeof(Refusal))]
public sealed partial class OrderJson : JsonSerializerContext;
