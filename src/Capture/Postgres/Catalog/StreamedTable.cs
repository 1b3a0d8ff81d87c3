using System.Collections.Immutable;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>A table as the change stream announced it, which is how the rows after it look, wherever the catalog is by now.</summary>
/// <param name="Oid">Its entry of <c>pg_class</c>.</param>
/// <param name="Id">Schema and name.</param>
/// <param name="Identity">Its replica identity.</param>
/// <param name="Columns">The published columns in their order.</param>
public sealed record StreamedTable(uint Oid, TableId Id, ReplicaIdentity Identity, ImmutableArray<StreamedColumn> Columns);

/// <summary>A column of a streamed table.</summary>
/// <param name="Name">The source's spelling.</param>
/// <param name="Type">Its type as the stream says.</param>
/// <param name="IsKey">Whether the stream flags it as part of the replica identity; with identity full every column is.</param>
public sealed record StreamedColumn(string Name, TypeReference Type, bool IsKey);
