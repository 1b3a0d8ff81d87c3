using System.Collections.Immutable;
using System.Text.Json;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// What the stream does not say of a table and the catalog did: needed for changes that come after the table, or a type of it, has gone.
/// </summary>
/// <param name="Oid">Its entry of <c>pg_class</c>: the same name with another one is another table.</param>
/// <param name="Key">The key's columns in the key's order.</param>
/// <param name="Types">The columns' types that a user, and not the server, made.</param>
internal sealed record DescribedTable(uint Oid, ImmutableArray<string> Key, ImmutableArray<DescribedType> Types)
{
    /// <summary>Below are the server's own objects, which do not go (<c>FirstNormalObjectId</c>, PostgreSQL 14 to 18).</summary>
    private const uint FirstUserOid = 16384;

    private const int MostTypes = 64;

    public static DescribedTable Of(
        uint oid, ImmutableArray<string> key, IEnumerable<(TypeReference Reference, ResolvedType Type)> types) =>
        new(oid, key, [.. types.Where(type => type.Reference.Oid >= FirstUserOid).DistinctBy(type => type.Reference)
            .Select(type => new DescribedType(type.Reference, type.Type))]);

    /// <summary>
    /// The same, with the types that the table had before: the stream can still be where it had them. Nothing where that was another table,
    /// and no more than a table's columns are likely to go through.
    /// </summary>
    public DescribedTable Keeping(DescribedTable? before) => before is null || before.Oid != Oid
        ? this
        : this with { Types = [.. Types.Concat(before.Types).DistinctBy(type => type.Reference).Take(Math.Max(Types.Length, MostTypes))] };

    /// <summary>What <see cref="ToString"/> wrote. Throws <c>CDC-2025</c>.</summary>
    public static DescribedTable Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<DescribedTable>(text) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new CdcException(ErrorCodes.CheckpointUnreadable, "Reading the checkpoint, what a table looked like is not understood.",
                error);
        }
    }

    /// <summary>The type as it was; null where the table had none of it.</summary>
    public ResolvedType? Find(TypeReference reference) => Types.FirstOrDefault(type => type.Reference == reference)?.Type;

    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>A column's type, and what it was without its domains.</summary>
internal sealed record DescribedType(TypeReference Reference, ResolvedType Type);
