using Cdc.Contracts.Schema;

namespace Cdc.Sink.SchemaEvolution;

/// <summary>Holds a batch's schema against the target's table. Pure.</summary>
public static class EvolutionPlanner
{
    /// <summary>
    /// Makes a table that is missing, adds columns that are missing; a column that the source dropped stays in the target.
    /// </summary>
    public static EvolutionPlan Plan(TargetName table, TargetTable? present, TableSchema schema)
    {
        if (present is null)
            return new EvolutionPlan(table, schema, IsMissing: true, []);
        var names = present.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        return new EvolutionPlan(table, schema, IsMissing: false, [.. schema.Columns.Where(column => !names.Contains(column.Name))]);
    }
}
