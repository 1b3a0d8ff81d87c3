using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Cli.Checks;

/// <summary>Where a table of a source goes.</summary>
/// <param name="Table">In the source's spelling.</param>
/// <param name="Target">In the sink's target.</param>
/// <param name="Shape">As its events will describe it; null where that is not known.</param>
internal sealed record Route(TableId Table, TargetName Target, TableSchema? Shape)
{
    /// <summary>Whether the table would stop, for a column of it has the name of one that every table gets.</summary>
    public IEnumerable<Finding> FindTaken(MetadataColumns metadata, bool ignoresCase)
    {
        if (Shape is not null && metadata.FindTaken(Shape, ignoresCase) is { } column)
        {
            yield return Finding.Fault($"table '{Target}'",
                $"column '{column}' of '{Table}' has the name of one of the platform's own columns there",
                ErrorCodes.TargetMetadataTaken.Remedy, ErrorCodes.TargetMetadataTaken);
        }
    }
}
