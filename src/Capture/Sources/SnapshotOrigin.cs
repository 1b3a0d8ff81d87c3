namespace Cdc.Capture.Sources;

/// <summary>Why a row is read instead of streamed: the envelope's field <c>read</c>.</summary>
/// <param name="SnapshotId">One reading of one table; starting again is a new one.</param>
/// <param name="Reason"><c>first</c>, <c>gap</c>, <c>recheck</c>, <c>consumer</c> or <c>key</c>.</param>
public sealed record SnapshotOrigin(string SnapshotId, string Reason);
