using System.Collections.Immutable;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Sources;

/// <summary>A table as events describe it, with who turns each column's bytes into Avro; both in the order of the columns.</summary>
public sealed record SourceTable(TableSchema Schema, ImmutableArray<ColumnTranscoder> Transcoders);
