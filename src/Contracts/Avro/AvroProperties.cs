using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cdc.Contracts.Avro;

/// <summary>One property of a schema or field: its name and its value as JSON without blanks.</summary>
public readonly record struct AvroProperty(string Name, string Json);

/// <summary>
/// What a schema or field says besides its structure, in the order it was written: <c>doc</c>, <c>aliases</c>, <c>default</c>,
/// <c>logicalType</c>, <c>connect.name</c> and whatever else there is.
/// </summary>
public sealed class AvroProperties(ImmutableArray<AvroProperty> items)
{
    /// <summary>How the names of Connect's parameters are written in a schema.</summary>
    internal const string Parameters = "connect.parameters";

    public static AvroProperties None { get; } = new([]);

    public ImmutableArray<AvroProperty> Items { get; } = items;

    /// <summary>A property's JSON, or null where there is none of that name.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var item in Items)
            {
                if (string.Equals(item.Name, name, StringComparison.Ordinal))
                    return item.Json;
            }

            return null;
        }
    }

    /// <summary>A property that is a JSON string; null where it is missing or something else.</summary>
    public string? Text(string name)
    {
        if (this[name] is not ['"', ..] json)
            return null;
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetString();
    }

    /// <summary>A property that is a whole number of 32 bits; null where it is missing or something else.</summary>
    public int? Number(string name) =>
        int.TryParse(this[name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The value of one of Connect's parameters; null where it is missing.</summary>
    public string? Parameter(string name)
    {
        if (this[Parameters] is not ['{', ..] json)
            return null;
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()
            : null;
    }

    public AvroProperties With(string name, string text) => WithJson(name, Quote(text));

    public AvroProperties With(string name, int number) => WithJson(name, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds an object whose values are strings.</summary>
    public AvroProperties With(string name, IEnumerable<KeyValuePair<string, string>> texts) =>
        WithJson(name, $"{{{string.Join(',', texts.Select(text => $"{Quote(text.Key)}:{Quote(text.Value)}"))}}}");

    /// <summary>Adds a property at the end. <paramref name="json"/> is one JSON value without blanks.</summary>
    public AvroProperties WithJson(string name, string json) => new(Items.Add(new AvroProperty(name, json)));

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
