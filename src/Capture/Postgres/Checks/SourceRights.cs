using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>What the role of a session may do in a source's database.</summary>
public sealed record SourceRights
{
    /// <summary>The role's name.</summary>
    public required string Role { get; init; }

    /// <summary>It belongs to a role by which a hosting provider grants replication.</summary>
    public required bool HasProvidersReplication { get; init; }

    /// <summary>It may make publications in the database, of tables it owns.</summary>
    public required bool MayCreate { get; init; }

    /// <summary>It owns the publication that is meant; null where there is none of that name.</summary>
    public required bool? OwnsPublication { get; init; }

    /// <summary>WAL senders in use.</summary>
    public required int ActiveSenders { get; init; }

    /// <summary>By table.</summary>
    public required IReadOnlyDictionary<TableId, TableRights> Tables { get; init; }
}

/// <summary>What a role may do with one table.</summary>
/// <param name="IsOwner">It owns the table, or belongs to the role that does.</param>
/// <param name="MayRead">It has SELECT on the table, or on every column, and USAGE on its schema.</param>
/// <param name="IsRestricted">Row security would hide rows from it.</param>
public sealed record TableRights(bool IsOwner, bool MayRead, bool IsRestricted);
