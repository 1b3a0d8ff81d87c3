using Cdc.Contracts.Schema;

namespace Cdc.Capture.Snapshot;

/// <summary>What the reading of tables tells the outside.</summary>
/// <param name="OnProgress">A table's reading went on.</param>
/// <param name="OnRewritten">A table's rows changed without changes in the stream, or were moved: it is read again.</param>
public sealed record SnapshotEvents(Action<TableReadProgress> OnProgress, Action<TableId> OnRewritten);
