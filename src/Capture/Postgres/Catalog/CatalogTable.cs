using System.Collections.Immutable;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>How the changes of partitioned tables are published (the publication's <c>publish_via_partition_root</c>).</summary>
public enum PartitionedTables
{
    /// <summary>Each partition as a table of its own.</summary>
    AsLeaves,

    /// <summary>Under the name of the topmost table.</summary>
    AsRoot,
}

/// <summary>A table as the catalog has it now; the stream may still be behind it.</summary>
/// <param name="Oid">Its entry of <c>pg_class</c>.</param>
/// <param name="Id">Schema and name.</param>
public sealed record CatalogTable(uint Oid, TableId Id)
{
    /// <summary>
    /// It has partitions and no rows of its own. Any other table is read with ONLY, for tables that inherit from it are tables of their
    /// own.
    /// </summary>
    public required bool IsPartitioned { get; init; }

    public required ReplicaIdentity Identity { get; init; }

    /// <summary>Names of the key's columns in the key's order; empty where there is no key.</summary>
    public required ImmutableArray<string> Key { get; init; }

    /// <summary>Columns in their order, without the generated ones.</summary>
    public required ImmutableArray<CatalogColumn> Columns { get; init; }

    /// <summary>Generated columns: stored ones are published from PostgreSQL 18 on, if the publication says so; others never.</summary>
    public required ImmutableArray<CatalogColumn> GeneratedColumns { get; init; }

    /// <summary>The database takes any bytes as text.</summary>
    public bool HasAnyBytes { get; init; }

    /// <summary>What the server last estimated; 0 where it never did. Of a partitioned table: the sum over its leaves.</summary>
    public required long EstimatedRows { get; init; }

    /// <summary>The file the rows are in; another one after a rewrite or truncation. 0 for a partitioned table.</summary>
    public required uint FileNode { get; init; }

    /// <summary>The tables that hold the rows of a partitioned one, at all levels.</summary>
    public required ImmutableArray<CatalogPartition> Leaves { get; init; }
}

/// <summary>A column as the catalog has it.</summary>
/// <param name="Number">Its number in the table (<c>attnum</c>); dropped ones leave holes.</param>
/// <param name="Name">The source's spelling.</param>
/// <param name="IsNullable">Whether it may be null.</param>
/// <param name="Type">Its type, domains taken away.</param>
/// <param name="Reference">Its type as the column names it.</param>
public sealed record CatalogColumn(short Number, string Name, bool IsNullable, ResolvedType Type, TypeReference Reference);

/// <summary>A partition that holds rows.</summary>
/// <param name="Oid">Its entry of <c>pg_class</c>.</param>
/// <param name="Id">Schema and name.</param>
/// <param name="FileNode">The file the rows are in; 0 for a foreign table, whose changes are not in the log.</param>
/// <param name="Identity">Its own replica identity, which is the one in force for its rows.</param>
public sealed record CatalogPartition(uint Oid, TableId Id, uint FileNode, ReplicaIdentity Identity);
