namespace Cdc.Capture.Postgres.Checks;

/// <summary>How many sessions a server lets in, and how many of others are in; sessions of ours are in none of the counts.</summary>
public sealed record SessionRoom
{
    /// <summary>Of all clients but streams (<c>max_connections</c>), without those that are kept for others than the role.</summary>
    public required int Connections { get; init; }

    public required int Used { get; init; }

    /// <summary>The role's own limit, streams included; null for none.</summary>
    public required int? RoleLimit { get; init; }

    public required int RoleUsed { get; init; }

    /// <summary>The database's limit, streams included; null for none.</summary>
    public required int? DatabaseLimit { get; init; }

    public required int DatabaseUsed { get; init; }
}
