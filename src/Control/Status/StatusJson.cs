using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cdc.Control.Status;

/// <summary>How a status is written in JSON: names and states in camelCase, nothing left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(WordConverter<RoleState>), typeof(WordConverter<TablePhase>), typeof(WordConverter<SourceActivity>)])]
[JsonSerializable(typeof(InstallationStatus))]
public sealed partial class StatusJson : JsonSerializerContext;

/// <summary>Writes a state as its word.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
