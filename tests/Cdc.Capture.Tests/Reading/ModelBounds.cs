using Cdc.Capture.Publishing;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Tests.Reading;

/// <summary>Where the snapshots of a model run lie in its log, as the appends noted it.</summary>
internal sealed class ModelBounds(List<(int Begin, int End)> complete)
{
    private (string Id, int Begin)? running;

    public IReadOnlyList<(int Begin, int End)> Complete => complete;

    /// <param name="edges">What the append notes.</param>
    /// <param name="flaw">What is left out.</param>
    /// <param name="first">The offset of the append's first record.</param>
    /// <param name="log">All records, with those of the append.</param>
    public void Note(IReadOnlyList<SnapshotEdge> edges, ModelFlaw flaw, int first, List<ModelEvent> log)
    {
        var hasReads = log.Skip(first).Any(change => change.Operation == Operation.Read);
        if (flaw == ModelFlaw.BeginsLate && running is { Begin: int.MaxValue } && hasReads)
            running = running.Value with { Begin = first };
        foreach (var edge in edges)
        {
            if (edge.Side == EdgeSide.Begin)
                running = (edge.SnapshotId, flaw == ModelFlaw.BeginsLate ? int.MaxValue : flaw == ModelFlaw.BeginsEarly ? first
                    : log.Count);
            else if (running?.Id != edge.SnapshotId)
                throw new ModelFault("A snapshot ended that had not begun.");
            else
                complete.Add((Math.Min(running.Value.Begin, log.Count), log.Count));
        }
    }
}
