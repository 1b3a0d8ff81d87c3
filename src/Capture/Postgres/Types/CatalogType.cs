using System.Collections.Immutable;

namespace Cdc.Capture.Postgres.Types;

/// <summary>What sort of type an entry of <c>pg_type</c> is (its <c>typtype</c>, true arrays told apart).</summary>
public enum CatalogTypeKind
{
    Plain,
    Array,
    Composite,
    Domain,
    Enum,
    Range,
    Multirange,
}

/// <summary>One entry of <c>pg_type</c>, as the catalog has it.</summary>
/// <param name="Oid">Its number.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name there, such as <c>int4</c>.</param>
/// <param name="Kind">What sort of type it is.</param>
public sealed record CatalogType(uint Oid, string Schema, string Name, CatalogTypeKind Kind)
{
    /// <summary>What stands between elements in the text of an array of this type: a comma, for <c>box</c> a semicolon.</summary>
    public byte Delimiter { get; init; } = (byte)',';

    /// <summary>A domain's underlying type, which may be a domain again; else 0.</summary>
    public uint UnderlyingOid { get; init; }

    /// <summary>The type modifier that a domain gives its underlying type; -1 for none.</summary>
    public int UnderlyingModifier { get; init; } = -1;

    /// <summary>An array's element type; else 0.</summary>
    public uint ElementOid { get; init; }

    /// <summary>An enum's labels, in their order.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];
}
