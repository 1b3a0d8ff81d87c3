using System.Collections.Immutable;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Sources;

/// <summary>A table's plan under one shape: what its events say, and one transcoder a column. A new shape is a new object.</summary>
public sealed class SourceTable(TableSchema schema, ImmutableArray<ColumnTranscoder> transcoders)
{
    public TableSchema Schema { get; } = schema;

    public ImmutableArray<ColumnTranscoder> Transcoders { get; } = transcoders;

    /// <summary>
    /// Whether updates and deletes tell which row they mean: by a key, or by the whole old row. Without that the source refuses them.
    /// </summary>
    public bool IsIdentified { get; init; } = true;
}
