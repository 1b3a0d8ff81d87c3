using System.Collections.Immutable;
using Cdc.Contracts.Schema;

namespace Cdc.Sink.SchemaEvolution;

/// <summary>
/// What must be done to a target's table before a batch fits it. Columns are as events describe them; the writer picks its own types.
/// </summary>
/// <param name="Table">The table in question.</param>
/// <param name="Schema">What it shall fit; its key too.</param>
/// <param name="IsMissing">The table is to be made.</param>
/// <param name="AddColumns">Columns to add to a table that exists.</param>
public sealed record EvolutionPlan(TargetName Table, TableSchema Schema, bool IsMissing, ImmutableArray<ColumnSchema> AddColumns);
