using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Avro;

/// <summary>Reads one schema from JSON; used once.</summary>
internal sealed class AvroSchemaParser
{
    private static readonly FrozenDictionary<string, AvroKind> Primitives =
        System.Enum.GetValues<AvroKind>().ToFrozenDictionary(AvroSchemaWriter.NameOf, StringComparer.Ordinal);

    private static readonly FrozenSet<string> Structure =
        new[] { "type", "name", "namespace", "fields", "symbols", "items", "values", "size" }.ToFrozenSet(StringComparer.Ordinal);

    private readonly HashSet<AvroName> defined = [];

    public AvroSchema Parse(JsonElement element) => Parse(element, "", 0);

    private AvroSchema Parse(JsonElement element, string enclosing, int depth)
    {
        if (depth > AvroSchemaText.MaxDepth)
            throw Invalid($"it is nested deeper than {AvroSchemaText.MaxDepth} levels");
        return element.ValueKind switch
        {
            JsonValueKind.String => Named(element.GetString()!, enclosing),
            JsonValueKind.Array => ParseUnion(element, enclosing, depth),
            JsonValueKind.Object => ParseObject(element, enclosing, depth),
            _ => throw Invalid($"a JSON {element.ValueKind} stands where a type is expected"),
        };
    }

    private AvroSchema Named(string text, string enclosing)
    {
        if (Primitives.TryGetValue(text, out var kind))
            return new AvroSchema.Primitive(kind);
        var name = AvroName.Of(text, enclosing);
        if (defined.Contains(name))
            return new AvroSchema.Reference(name);
        var global = AvroName.Of(text, "");
        return defined.Contains(global) ? new AvroSchema.Reference(global)
            : throw Invalid($"type '{Shown(text)}' is not defined before it is used");
    }

    private AvroSchema.Union ParseUnion(JsonElement element, string enclosing, int depth)
    {
        var branches = ImmutableArray.CreateBuilder<AvroSchema>(element.GetArrayLength());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in element.EnumerateArray())
        {
            var branch = Parse(item, enclosing, depth + 1);
            if (!seen.Add(Identity(branch)))
                throw Invalid($"a union has two branches of type '{Shown(Identity(branch))}'");
            branches.Add(branch);
        }

        return new AvroSchema.Union(branches.MoveToImmutable());
    }

    private AvroSchema ParseObject(JsonElement element, string enclosing, int depth)
    {
        if (!element.TryGetProperty("type", out var type))
            throw Invalid("a type has no 'type'");
        if (type.ValueKind != JsonValueKind.String)
            return WithOuter(Parse(type, enclosing, depth + 1), element);
        var text = type.GetString()!;
        AvroSchema schema = text switch
        {
            "record" or "error" => ParseRecord(element, enclosing, depth),
            "enum" => ParseEnum(element, enclosing),
            "fixed" => ParseFixed(element, enclosing),
            "array" => new AvroSchema.Array(Parse(Member(element, "items"), enclosing, depth + 1)),
            "map" => new AvroSchema.Map(Parse(Member(element, "values"), enclosing, depth + 1)),
            _ => Named(text, enclosing),
        };
        return schema with { Properties = Properties(element) };
    }

    private AvroSchema.Record ParseRecord(JsonElement element, string enclosing, int depth)
    {
        var name = Define(element, enclosing);
        var list = Member(element, "fields");
        if (list.ValueKind != JsonValueKind.Array)
            throw Invalid($"the fields of record '{Shown(name.FullName)}' are not a list");
        var fields = ImmutableArray.CreateBuilder<AvroField>(list.GetArrayLength());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.EnumerateArray())
        {
            var fieldName = Text(item, "name");
            if (!IsName(fieldName) || !seen.Add(fieldName))
                throw Invalid($"field '{Shown(fieldName)}' of record '{Shown(name.FullName)}' is twice there or not a name");
            var type = Parse(Member(item, "type"), name.Namespace, depth + 1);
            fields.Add(new AvroField(fieldName, type) { Properties = Properties(item) });
        }

        return new AvroSchema.Record(name, fields.MoveToImmutable());
    }

    private AvroSchema.Enum ParseEnum(JsonElement element, string enclosing)
    {
        var name = Define(element, enclosing);
        var list = Member(element, "symbols");
        if (list.ValueKind != JsonValueKind.Array)
            throw Invalid($"the symbols of enum '{Shown(name.FullName)}' are not a list");
        var symbols = list.EnumerateArray().Select(symbol => symbol.GetString() ?? "").ToImmutableArray();
        if (!symbols.All(IsName) || symbols.Distinct(StringComparer.Ordinal).Count() != symbols.Length)
            throw Invalid($"a symbol of enum '{Shown(name.FullName)}' is twice there or not a name");
        return new AvroSchema.Enum(name, symbols);
    }

    private AvroSchema.Fixed ParseFixed(JsonElement element, string enclosing)
    {
        var name = Define(element, enclosing);
        var size = Member(element, "size");
        return size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out var bytes) && bytes >= 0
            ? new AvroSchema.Fixed(name, bytes)
            : throw Invalid($"the size of '{Shown(name.FullName)}' is not a number of bytes");
    }

    private AvroName Define(JsonElement element, string enclosing)
    {
        var own = element.TryGetProperty("namespace", out var space) ? space.GetString() ?? "" : enclosing;
        var name = AvroName.Of(Text(element, "name"), own);
        // Only the last part must be a name: Java's reader does not look at namespaces, and a prefix with a hyphen ends up there.
        if (!IsName(name.Name) || Primitives.ContainsKey(name.FullName))
            throw Invalid($"'{Shown(name.FullName)}' is not a name for a type");
        if (!defined.Add(name))
            throw Invalid($"type '{Shown(name.FullName)}' is defined twice");
        return defined.Count <= AvroSchemaText.MaxNames ? name : throw Invalid($"it defines more than {AvroSchemaText.MaxNames} names");
    }

    private static AvroSchema WithOuter(AvroSchema schema, JsonElement element)
    {
        var own = schema.Properties.Items.Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
        var outer = Properties(element).Items.RemoveAll(property => own.Contains(property.Name));
        return outer.IsEmpty || schema is AvroSchema.Union
            ? schema
            : schema with { Properties = new AvroProperties(schema.Properties.Items.AddRange(outer)) };
    }

    private static AvroProperties Properties(JsonElement element)
    {
        var properties = element.EnumerateObject()
            .Where(member => !Structure.Contains(member.Name))
            .Select(member => new AvroProperty(member.Name, AvroSchemaText.Compact(member.Value)))
            .ToImmutableArray();
        return properties.IsEmpty ? AvroProperties.None : new AvroProperties(properties);
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value
            : throw Invalid($"a '{name}' is missing");

    private static string Text(JsonElement element, string name)
    {
        var value = Member(element, name);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid($"a '{name}' is not a text");
    }

    private static string Identity(AvroSchema branch) => branch switch
    {
        AvroSchema.Primitive primitive => AvroSchemaWriter.NameOf(primitive.Kind),
        AvroSchema.Array => "array",
        AvroSchema.Map => "map",
        AvroSchema.Record record => record.Name.FullName,
        AvroSchema.Enum symbols => symbols.Name.FullName,
        AvroSchema.Fixed bytes => bytes.Name.FullName,
        AvroSchema.Reference reference => reference.Name.FullName,
        _ => throw Invalid("a union is a branch of a union"),
    };

    private static bool IsName(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        }

        return text.Length > 0 && !char.IsAsciiDigit(text[0]);
    }

    private static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static CdcException Invalid(string what) => new(ErrorCodes.AvroSchemaInvalid, $"Reading a schema, {what}.");
}
