using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Avro;

/// <summary>Schemas as JSON (Avro specification 1.12, "Schema Declaration" and "Parsing Canonical Form for Schemas").</summary>
public static class AvroSchemaText
{
    /// <summary>The longest text that is read, in characters: several times what a table of 1,600 columns needs.</summary>
    public const int MaxLength = 1 << 22;

    /// <summary>How deep schemas may be nested.</summary>
    public const int MaxDepth = 64;

    /// <summary>How many names a schema may define.</summary>
    public const int MaxNames = 10_000;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true,
    };

    /// <summary>Reads a schema. The text is hostile: what is too long, too deep or not Avro throws <c>CDC-4002</c>.</summary>
    public static AvroSchema Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new CdcException(ErrorCodes.AvroSchemaInvalid,
                $"Reading a schema, its text has {text.Length} characters; {MaxLength} are the most.");
        try
        {
            using var document = JsonDocument.Parse(text,
                new JsonDocumentOptions { MaxDepth = 4 * MaxDepth, AllowDuplicateProperties = false });
            return new AvroSchemaParser().Parse(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new CdcException(ErrorCodes.AvroSchemaInvalid, "Reading a schema, its text is not the JSON of a schema.", error);
        }
    }

    /// <summary>The schema's text, always the same for the same schema: structure first, then properties in their order.</summary>
    public static string Write(AvroSchema schema) => Write(writer => new AvroSchemaWriter(writer).Write(schema, ""));

    /// <summary>The text stripped to what decides how bytes are read.</summary>
    public static string CanonicalForm(AvroSchema schema) => Write(writer => new AvroSchemaWriter(writer).WriteCanonical(schema));

    /// <summary>A JSON value without blanks.</summary>
    internal static string Compact(JsonElement element) => Write(element.WriteTo);

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, WriterOptions))
            write(writer);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
