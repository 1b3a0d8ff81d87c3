using Cdc.Control.Status;
using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Progress;

/// <summary>Tells what changed since it was last asked; an idle run is silent.</summary>
internal sealed class ProgressEvents(ILogger log)
{
    private readonly Dictionary<string, object> told = new(StringComparer.Ordinal);

    public void Tell(PipelineStatus status)
    {
        foreach (var source in status.Sources)
        {
            if (IsNew("source " + source.Name, (source.Activity, source.Records)))
                Log.Source(log, source.Name, Words.Of(source.Activity), source.Records, Words.Behind(source), source.LagBytes, source.LagSeconds);
            foreach (var table in source.Tables.Where(table => IsNew($"table {source.Name} {table.Table}", (table.State, table.Reason, table.RowsRead))))
                Log.Table(log, source.Name, table.Table, Words.Of(table.State), Words.Read(table), table.RowsRead, table.RowsEstimated, table.Reason, table.SecondsLeft);
            foreach (var table in source.Tables.Where(table => IsNew($"held {source.Name} {table.Table}", table.HoldsStream) && table.HoldsStream))
                Log.Held(log, source.Name, table.Table, Words.Held(source, table));
        }

        foreach (var sink in status.Sinks)
        {
            foreach (var table in sink.Tables.Where(table => IsNew($"applied {sink.Name} {table.Topic}", (table.AppliedRows, table.OffsetLag))))
                Log.Applied(log, sink.Name, table.Table, table.AppliedRows, table.OffsetLag);
        }
    }

    private bool IsNew(string what, object value)
    {
        var isNew = !told.TryGetValue(what, out var before) || !before.Equals(value);
        told[what] = value;
        return isNew;
    }
}
