namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>How a table is read under one shape.</summary>
/// <param name="Oid">The table; of a partitioned one the topmost.</param>
/// <param name="IsPartitioned">Its rows are in other tables.</param>
/// <param name="Publication">By which it is published.</param>
/// <param name="Fingerprint">What the catalog said, as text; a read that finds another is worth nothing.</param>
/// <param name="Filter">The publication's condition on rows, in SQL; null for none.</param>
internal sealed record ReadPlan(uint Oid, bool IsPartitioned, string Publication, string Fingerprint, string? Filter)
{
    /// <summary>How columns of the key are compared; empty where there is no key.</summary>
    public required IReadOnlyList<KeyOperator> Key { get; init; }

    /// <summary>The database takes any bytes as text: they are read as they are.</summary>
    public required bool HasAnyBytes { get; init; }
}
