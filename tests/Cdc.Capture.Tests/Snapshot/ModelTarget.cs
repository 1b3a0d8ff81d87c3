using Cdc.Contracts.Events;

namespace Cdc.Capture.Tests.Snapshot;

/// <summary>An event of the log; what is null was not sent.</summary>
internal sealed record ModelEvent(Operation Operation, int Key, int? Small, int? Big);

/// <summary>What a mirror makes of a log: later columns replace earlier ones, what was not sent stays, a delete clears.</summary>
internal static class ModelTarget
{
    public static SortedDictionary<int, (int? Small, int? Big)> Fold(IEnumerable<ModelEvent> log)
    {
        var rows = new SortedDictionary<int, (int? Small, int? Big)>();
        foreach (var change in log)
        {
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
