using System.Text.Json.Serialization;

namespace Cdc.Control.Status;

/// <summary>How a status is written in JSON: camelCase, states as words, nothing left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PipelineStatus))]
public sealed partial class StatusJson : JsonSerializerContext;
