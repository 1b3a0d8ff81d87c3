using Cdc.Contracts.Events;

namespace Cdc.Capture.Tests.Reading;

/// <summary>An event of the log; what is null was not sent.</summary>
internal sealed record ModelEvent(Operation Operation, int Key, int? Small, int? Big);

/// <summary>
/// What a mirror makes of a log: later columns replace earlier ones, what was not sent stays, a delete clears, and where a snapshot is
/// complete the rows go that are older than its begin.
/// </summary>
internal static class ModelTarget
{
    public static SortedDictionary<int, (int? Small, int? Big)> Fold(
        IReadOnlyList<ModelEvent> log, IReadOnlyList<(int Begin, int End)> snapshots)
    {
        var rows = new SortedDictionary<int, (int? Small, int? Big)>();
        var writtenAt = new Dictionary<int, int>();
        for (var offset = 0; offset <= log.Count; offset++)
        {
            foreach (var (begin, _) in snapshots.Where(snapshot => snapshot.End == offset))
            {
                foreach (var old in rows.Keys.Where(key => writtenAt[key] < begin).ToList())
                    rows.Remove(old);
            }

            if (offset == log.Count)
                break;
            var change = log[offset];
            writtenAt[change.Key] = offset;
            switch (change.Operation)
            {
                case Operation.Truncate:
                    rows.Clear();
                    break;
                case Operation.Delete:
                    rows.Remove(change.Key);
                    break;
                case Operation.Create:
                    rows[change.Key] = (change.Small, change.Big);
                    break;
                default:
                    var known = rows.GetValueOrDefault(change.Key);
                    rows[change.Key] = (change.Small ?? known.Small, change.Big ?? known.Big);
                    break;
            }
        }

        return rows;
    }
}
