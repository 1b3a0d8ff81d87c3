using System.Diagnostics.CodeAnalysis;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;

namespace Cdc.Capture.Postgres;

/// <summary>
/// What each table of the stream looks like, as the stream itself announces it. The same shape announced again is the same plan; tables
/// outside of the selection have none.
/// </summary>
public sealed class RelationPlans(SessionPool sessions, TableSelection selection, TableShapes shapes, SourceMemory memory)
{
    private readonly Dictionary<uint, (RelationMessage Relation, SourceTable? Plan)> plans = [];
    private readonly TypeCatalog types = new();

    /// <summary>Whether a table of that number was announced before.</summary>
    public bool Knows(uint relationId) => plans.ContainsKey(relationId);

    /// <summary>How a table was announced last.</summary>
    public RelationMessage Latest(uint relationId) => plans[relationId].Relation;

    /// <summary>Whether the announcement needs <see cref="PlanAsync"/>: the table is selected, and its shape is new.</summary>
    public bool IsNews(RelationMessage relation)
    {
        // With identity full every column is flagged: the key may be another one all the same.
        if (plans.TryGetValue(relation.RelationId, out var known) && IsSame(known.Relation, relation)
            && relation.Identity != ReplicaIdentity.Full)
            return false;
        if (selection.Includes(relation.Table.ToString()))
            return true;
        plans[relation.RelationId] = (relation, null);
        return false;
    }

    /// <summary>The plan of a table; false where it is not selected.</summary>
    public bool TryGet(uint relationId, [NotNullWhen(true)] out SourceTable? plan)
    {
        if (!plans.TryGetValue(relationId, out var known))
            throw new CdcException(ErrorCodes.SourceProtocolViolation,
                $"Reading the stream, a row belongs to relation '{relationId}', which was not announced.");
        plan = known.Plan;
        return plan is not null;
    }

    public async Task<SourceTable> PlanAsync(RelationMessage relation, CancellationToken cancellationToken)
    {
        var table = new StreamedTable(
            relation.RelationId,
            relation.Table,
            relation.Identity,
            [.. relation.Columns.Select(column =>
                new StreamedColumn(column.Name, new TypeReference(column.TypeId, column.TypeModifier), column.IsKey))]);
        var plan = shapes.Adopt(await sessions.UseAsync(
            $"Reading what table '{table.Id}' looks like",
            (session, token) => new TableDescriber(session, types, memory).DescribeAsync(table, token), cancellationToken));
        plans[relation.RelationId] = (relation, plan);
        return plan;
    }

    /// <summary>What was announced of a selected table and has no plan.</summary>
    public IReadOnlyList<RelationMessage> LeftOut(TableId table) => selection.Includes(table.ToString())
        ? [.. plans.Values.Where(known => known.Plan is null && known.Relation.Table == table).Select(known => known.Relation)]
        : [];

    /// <summary>The table has no plan under this shape: its changes are not handed out.</summary>
    public void LeaveOut(RelationMessage relation) => plans[relation.RelationId] = (relation, null);

    private static bool IsSame(RelationMessage one, RelationMessage other) =>
        one.Identity == other.Identity
        && string.Equals(one.Schema, other.Schema, StringComparison.Ordinal)
        && string.Equals(one.Name, other.Name, StringComparison.Ordinal)
        && one.Columns.SequenceEqual(other.Columns);
}
