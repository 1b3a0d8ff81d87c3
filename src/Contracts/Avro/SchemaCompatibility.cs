using System.Text.Json;

namespace Cdc.Contracts.Avro;

/// <summary>Why data of one schema cannot be read with another: the first place found, as names of fields with dots between them.</summary>
/// <param name="Path">The field, items of an array as <c>[]</c>, values of a map as <c>{}</c>; empty for the schema itself.</param>
/// <param name="Found">What is wrong there, as a clause.</param>
public sealed record SchemaIncompatibility(string Path, string Found)
{
    public override string ToString() => Path.Length == 0 ? Found : $"at '{Path}' {Found}";
}

/// <summary>
/// Whether a schema can read what another wrote (Avro specification 1.12, "Schema Resolution"): equal types, promotions, union branches,
/// defaults, aliases, enum symbols. Named types match by their last name or an alias. Logical types play no part, as in the rule that
/// schema registries call BACKWARD.
/// </summary>
public sealed class SchemaCompatibility
{
    private readonly AvroNamedTypes readerTypes;
    private readonly AvroNamedTypes writerTypes;
    private readonly HashSet<(AvroSchema Reader, AvroSchema Writer)> assumed = new(ReferencePairs.Instance);

    private SchemaCompatibility(AvroSchema reader, AvroSchema writer)
    {
        readerTypes = new AvroNamedTypes(reader);
        writerTypes = new AvroNamedTypes(writer);
    }

    /// <summary>Null where everything that <paramref name="writer"/> wrote can be read with <paramref name="reader"/>.</summary>
    public static SchemaIncompatibility? Find(
        AvroSchema reader, AvroSchema writer) => new SchemaCompatibility(reader, writer).Compare(reader, writer, "");

    private SchemaIncompatibility? Compare(AvroSchema readerType, AvroSchema writerType, string path)
    {
        var (reader, writer) = (readerTypes.Resolve(readerType), writerTypes.Resolve(writerType));
        return (reader, writer) switch
        {
            (_, AvroSchema.Union written) => written.Branches.Select(branch => Compare(reader, branch, path))
                .FirstOrDefault(found => found is not null),
            (AvroSchema.Union read, _) => CompareBranches(read, writer, path),
            (AvroSchema.Primitive read, AvroSchema.Primitive written) when IsPromotable(written.Kind, read.Kind) => null,
            (AvroSchema.Array read, AvroSchema.Array written) => Compare(read.Items, written.Items, path + "[]"),
            (AvroSchema.Map read, AvroSchema.Map written) => Compare(read.Values, written.Values, path + "{}"),
            (AvroSchema.Record read, AvroSchema.Record written) when IsNamedAs(read, read.Name, written.Name) =>
                CompareFields(read, written, path),
            (AvroSchema.Enum read, AvroSchema.Enum written) when IsNamedAs(read, read.Name, written.Name) =>
                CompareSymbols(read, written, path),
            (AvroSchema.Fixed read, AvroSchema.Fixed written) when IsNamedAs(read, read.Name, written.Name) && read.Size == written.Size =>
                null,
            _ => new SchemaIncompatibility(path, $"the type is now {Describe(reader)}, which cannot read {Describe(writer)}"),
        };
    }

    /// <summary>One branch has to fit. Of several that do not, the one that came furthest says why.</summary>
    private SchemaIncompatibility? CompareBranches(AvroSchema.Union reader, AvroSchema writer, string path)
    {
        var furthest = new SchemaIncompatibility(path, $"no branch of the union can read {Describe(writer)}");
        foreach (var branch in reader.Branches)
        {
            var found = Compare(branch, writer, path);
            if (found is null)
                return null;
            if (found.Path.Length > furthest.Path.Length)
                furthest = found;
        }

        return furthest;
    }

    private SchemaIncompatibility? CompareFields(AvroSchema.Record reader, AvroSchema.Record writer, string path)
    {
        // A type inside itself was begun before: it is as compatible as its rest.
        if (!assumed.Add((reader, writer)))
            return null;
        foreach (var field in reader.Fields)
        {
            var fieldPath = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            var written = writer.Field(field.Name)
                ?? Texts(field.Properties["aliases"]).Select(writer.Field).FirstOrDefault(other => other is not null);
            var found = (written, field.Default) switch
            {
                (null, null) => new SchemaIncompatibility(fieldPath, "the field is new and has no default"),
                (null, _) => null,
                _ => Compare(field.Type, written.Type, fieldPath),
            };
            if (found is not null)
            {
                assumed.Remove((reader, writer));
                return found;
            }
        }

        return null;
    }

    private static SchemaIncompatibility? CompareSymbols(AvroSchema.Enum reader, AvroSchema.Enum writer, string path)
    {
        if (reader.Properties["default"] is not null)
            return null;
        var missing = writer.Symbols.FirstOrDefault(symbol => !reader.Symbols.Contains(symbol, StringComparer.Ordinal));
        return missing is null ? null
            : new SchemaIncompatibility(path, $"the enum no longer has the symbol '{missing}' and has no default");
    }

    private static bool IsPromotable(AvroKind from, AvroKind to) => from == to || (from, to) is
        (AvroKind.Int, AvroKind.Long or AvroKind.Float or AvroKind.Double) or
        (AvroKind.Long, AvroKind.Float or AvroKind.Double) or
        (AvroKind.Float, AvroKind.Double) or
        (AvroKind.String, AvroKind.Bytes) or
        (AvroKind.Bytes, AvroKind.String);

    private static bool IsNamedAs(AvroSchema reader, AvroName readerName, AvroName writerName) =>
        string.Equals(readerName.Name, writerName.Name, StringComparison.Ordinal)
        || Texts(reader.Properties["aliases"]).Any(alias => AvroName.Of(alias, readerName.Namespace) == writerName);

    private static string Describe(AvroSchema schema) => schema switch
    {
        AvroSchema.Primitive primitive => AvroSchemaWriter.NameOf(primitive.Kind),
        AvroSchema.Array => "an array",
        AvroSchema.Map => "a map",
        AvroSchema.Record record => $"record '{record.Name.FullName}'",
        AvroSchema.Enum symbols => $"enum '{symbols.Name.FullName}'",
        AvroSchema.Fixed bytes => FormattableString.Invariant($"'{bytes.Name.FullName}' of {bytes.Size} bytes"),
        AvroSchema.Union => "a union",
        AvroSchema.Reference reference => $"'{reference.Name.FullName}'",
        _ => throw new ArgumentOutOfRangeException(nameof(schema), schema, "Not a schema."),
    };

    private static List<string> Texts(string? json)
    {
        if (json is not ['[', ..])
            return [];
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => item.GetString()!)];
    }

    /// <summary>Pairs of the same two objects: comparing records by content would walk them whole each time.</summary>
    private sealed class ReferencePairs : IEqualityComparer<(AvroSchema Reader, AvroSchema Writer)>
    {
        public static ReferencePairs Instance { get; } = new();

        public bool Equals((AvroSchema Reader, AvroSchema Writer) x, (AvroSchema Reader, AvroSchema Writer) y) =>
            ReferenceEquals(x.Reader, y.Reader) && ReferenceEquals(x.Writer, y.Writer);

        public int GetHashCode((AvroSchema Reader, AvroSchema Writer) pair) =>
            HashCode.Combine(
                System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Reader),
                System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Writer));
    }
}
