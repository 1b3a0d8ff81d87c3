using System.Collections.Immutable;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Errors;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// The types of a database, read when they are asked for and remembered; enums are read again each time, because labels are added to them.
/// Not for several threads at once.
/// </summary>
public sealed class TypeCatalog
{
    // A true array is the one its element names as its array: int2vector and others have elements too.
    private const string TypesSql = """
        WITH RECURSIVE wanted(oid) AS (
            SELECT unnest($1)
            UNION
            SELECT CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.typelem END
            FROM wanted JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
            WHERE t.typbasetype <> 0 OR t.typelem <> 0)
        SELECT t.oid, n.nspname::text, t.typname::text, t.typtype::text, t.typdelim::text, t.typbasetype, t.typtypmod,
               coalesce(e.oid, 0::oid),
               ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder)
        FROM wanted
        JOIN pg_catalog.pg_type t ON t.oid = wanted.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
        """;

    private const string TextsSql =
        "SELECT t.oid, t.modifier, pg_catalog.format_type(t.oid, t.modifier) FROM unnest($1, $2) AS t(oid, modifier)";

    private readonly Dictionary<uint, CatalogType> types = [];
    private readonly Dictionary<TypeReference, string> texts = [];

    /// <summary>
    /// Each type with its domains taken away, in the order of <paramref name="references"/>. Throws <c>CDC-2031</c> for one that is not
    /// there.
    /// </summary>
    public async Task<ImmutableArray<ResolvedType>> ResolveAsync(
        NpgsqlConnection connection, IReadOnlyCollection<TypeReference> references, CancellationToken cancellationToken)
    {
        await LoadTypesAsync(connection, [.. references.SelectMany(Unknown).Distinct()], cancellationToken);
        await LoadTextsAsync(connection, [.. references.SelectMany(Parts).Distinct().Where(part => !texts.ContainsKey(part))],
            cancellationToken);
        return [.. references.Select(Resolve)];
    }

    /// <summary>What must be asked for to know a type: itself, or the enum it is made of.</summary>
    private IEnumerable<uint> Unknown(TypeReference reference)
    {
        var oid = reference.Oid;
        while (types.TryGetValue(oid, out var type))
        {
            if (type.Kind == CatalogTypeKind.Enum)
                break;
            oid = type.Kind == CatalogTypeKind.Domain ? type.UnderlyingOid : type.ElementOid;
            if (oid == 0)
                yield break;
        }

        yield return oid;
    }

    private async Task LoadTypesAsync(NpgsqlConnection connection, uint[] oids, CancellationToken cancellationToken)
    {
        if (oids.Length == 0)
            return;
        await using var command = new NpgsqlCommand(TypesSql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = oids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var type = Read(reader);
            types[type.Oid] = type;
        }
    }

    private static CatalogType Read(NpgsqlDataReader reader)
    {
        var element = reader.GetFieldValue<uint>(7);
        return new CatalogType(reader.GetFieldValue<uint>(0), reader.GetString(1), reader.GetString(2),
            KindOf(reader.GetString(3), element))
        {
            Delimiter = (byte)reader.GetString(4)[0],
            UnderlyingOid = reader.GetFieldValue<uint>(5),
            UnderlyingModifier = reader.GetInt32(6),
            ElementOid = element,
            Labels = [.. reader.GetFieldValue<string[]>(8)],
        };
    }

    private static CatalogTypeKind KindOf(string letter, uint element) => letter switch
    {
        "b" => element != 0 ? CatalogTypeKind.Array : CatalogTypeKind.Plain,
        "c" => CatalogTypeKind.Composite,
        "d" => CatalogTypeKind.Domain,
        "e" => CatalogTypeKind.Enum,
        "r" => CatalogTypeKind.Range,
        "m" => CatalogTypeKind.Multirange,
        // Invariant 4
        _ => throw new CdcException(ErrorCodes.SourceTypeUnknown,
            $"Reading the catalog's types, one of kind '{letter}' was found, which no column can have."),
    };

    private async Task LoadTextsAsync(NpgsqlConnection connection, TypeReference[] references, CancellationToken cancellationToken)
    {
        if (references.Length == 0)
            return;
        await using var command = new NpgsqlCommand(TextsSql, connection);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = references.Select(reference => reference.Oid).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid,
        });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. references.Select(reference => reference.Modifier)] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            texts[new TypeReference(reader.GetFieldValue<uint>(0), reader.GetInt32(1))] = reader.GetString(2);
    }

    /// <summary>The types whose text is needed: the one without domains and, of an array, its element without domains.</summary>
    private IEnumerable<TypeReference> Parts(TypeReference reference)
    {
        var (type, modifier) = WithoutDomains(reference);
        yield return new TypeReference(type.Oid, modifier);
        if (type.Kind != CatalogTypeKind.Array)
            yield break;
        foreach (var part in Parts(new TypeReference(type.ElementOid, modifier)))
            yield return part;
    }

    private ResolvedType Resolve(TypeReference reference)
    {
        var (type, modifier) = WithoutDomains(reference);
        var text = texts[new TypeReference(type.Oid, modifier)];
        if (type.Kind != CatalogTypeKind.Array)
            return new ResolvedType(type, modifier, text);
        var element = Resolve(new TypeReference(type.ElementOid, modifier));
        var isOfDomain = element.Type.Oid != type.ElementOid && element.Type.Kind != CatalogTypeKind.Array;
        return new ResolvedType(type, modifier, isOfDomain ? element.Text + "[]" : text, element);
    }

    // Only the innermost domain has a modifier: a domain over a domain cannot be given one.
    private (CatalogType Type, int Modifier) WithoutDomains(TypeReference reference)
    {
        var type = Find(reference.Oid);
        var modifier = reference.Modifier;
        for (; type.Kind == CatalogTypeKind.Domain; type = Find(type.UnderlyingOid))
            modifier = type.UnderlyingModifier;
        return (type, modifier);
    }

    private CatalogType Find(uint oid) => types.TryGetValue(oid, out var type)
        ? type
        : throw new CdcException(ErrorCodes.SourceTypeUnknown,
            FormattableString.Invariant($"Looking up the type of a column, no type with oid '{oid}' is in the catalog."));
}
