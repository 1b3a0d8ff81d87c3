using System.Collections.Immutable;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>What a server says about itself that decides whether capture can run there; judging it is someone else's.</summary>
public sealed record SourceFacts
{
    /// <summary>The cluster's number, the same on its standbys and copies.</summary>
    public required string SystemIdentifier { get; init; }

    /// <summary>The timeline of the last checkpoint; it grows with each promotion.</summary>
    public required int Timeline { get; init; }

    /// <summary><c>server_version_num</c>, such as 150007.</summary>
    public required int Version { get; init; }

    public required string Database { get; init; }

    /// <summary>The database's encoding; text of <c>SQL_ASCII</c> reaches us unchecked and need not be UTF-8.</summary>
    public required string Encoding { get; init; }

    public required bool IsInRecovery { get; init; }

    public required string WalLevel { get; init; }

    public required int MaxReplicationSlots { get; init; }

    public required int MaxWalSenders { get; init; }

    /// <summary>How much log slots may hold back before they are lost; null for no limit.</summary>
    public required long? MaxSlotWalKeepBytes { get; init; }

    /// <summary>After how much silence of ours the server closes a replication connection; zero for never.</summary>
    public required TimeSpan WalSenderTimeout { get; init; }

    /// <summary>Which standbys commits wait for (<c>synchronous_standby_names</c>); empty for none.</summary>
    public string SynchronousStandbys { get; init; } = "";

    /// <summary>Whether the role of this session may stream changes.</summary>
    public required bool CanReplicate { get; init; }

    public required bool IsSuperuser { get; init; }

    /// <summary>All slots of the cluster, by name.</summary>
    public required ImmutableArray<SourceSlot> Slots { get; init; }

    /// <summary>The publications of this database, by name.</summary>
    public required ImmutableArray<SourcePublication> Publications { get; init; }

    /// <summary>The publication of that name; null where there is none.</summary>
    public SourcePublication? Find(string publication) =>
        Publications.FirstOrDefault(found => string.Equals(found.Name, publication, StringComparison.Ordinal));
}

/// <summary>
/// A replication slot (<c>pg_replication_slots</c>); null where the server's version does not tell, or the slot has none.
/// </summary>
public sealed record SourceSlot(string Name)
{
    /// <summary>The output plugin; null for a physical slot.</summary>
    public string? Plugin { get; init; }

    public string? Database { get; init; }

    public bool IsTemporary { get; init; }

    /// <summary>The server process that streams from it; null while nobody does.</summary>
    public int? ActivePid { get; init; }

    /// <summary><c>reserved</c>, <c>extended</c>, <c>unreserved</c> or <c>lost</c>.</summary>
    public string? WalStatus { get; init; }

    /// <summary>How much log may yet be written before the slot is in danger.</summary>
    public long? SafeWalBytes { get; init; }

    public Lsn? RestartLsn { get; init; }

    public Lsn? ConfirmedFlushLsn { get; init; }

    public bool IsTwoPhase { get; init; }

    /// <summary>Whether it is carried over to standbys; from PostgreSQL 17 on.</summary>
    public bool? IsFailover { get; init; }

    /// <summary>Why it was invalidated; from PostgreSQL 17 on.</summary>
    public string? InvalidationReason { get; init; }
}

/// <summary>A publication (<c>pg_publication</c>) and what it publishes.</summary>
public sealed record SourcePublication(string Name)
{
    public bool AllTables { get; init; }

    /// <summary>Changes of partitions come under their topmost published table.</summary>
    public bool ViaRoot { get; init; }

    public bool Inserts { get; init; }

    public bool Updates { get; init; }

    public bool Deletes { get; init; }

    public bool Truncates { get; init; }

    public ImmutableArray<PublishedTable> Tables { get; init; } = [];
}

/// <summary>A table of a publication, as <c>pg_publication_tables</c> shows it.</summary>
/// <param name="Id">Schema and name.</param>
/// <param name="Columns">
/// The published columns, also where no column list was given; empty where the server does not tell (before PostgreSQL 15).
/// </param>
/// <param name="RowFilter">The condition that rows must meet; null for none.</param>
public sealed record PublishedTable(TableId Id, ImmutableArray<string> Columns, string? RowFilter);
