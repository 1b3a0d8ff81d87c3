using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cdc.Capture.Reading;

/// <summary>JSON that only a source understands, inside of an entry of ours: it stands there as it is.</summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct OpaqueText(string Text)
{
    private sealed class Converter : JsonConverter<OpaqueText>
    {
        public override OpaqueText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var value = JsonDocument.ParseValue(ref reader);
            return new OpaqueText(value.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, OpaqueText value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Text);
    }
}
