using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cdc.Cli.Output;

/// <summary>One JSON object a line.</summary>
internal static class JsonLines
{
    // Quotes in messages stay readable; control characters are escaped all the same.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(JsonObject value) => value.ToJsonString(Readable);
}
