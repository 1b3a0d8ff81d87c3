using Cdc.Capture.Sources;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Types;

/// <summary>What a source type becomes: the type in the event, and who turns its text into that.</summary>
public readonly record struct ColumnMapping(ColumnType Type, ColumnTranscoder Transcoder);
