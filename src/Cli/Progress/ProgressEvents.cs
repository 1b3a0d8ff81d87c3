using Cdc.Control.Status;
using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Progress;

/// <summary>
/// Tells how a run is doing where nobody watches a screen: each change of a state once, many tables that change alike in one line, and a
/// summary of each source and sink in pauses that grow while all continues as before. An idle run is silent.
/// </summary>
internal sealed class ProgressEvents(ILogger log, TimeProvider clock)
{
    private const int Few = 3;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, object> told = new(StringComparer.Ordinal);
    private TimeSpan pause = ShortestPause;
    private long? summedUpAt;

    /// <param name="status">How it is doing now.</param>
    /// <param name="isLast">The run ends: what the last summary did not say is said now.</param>
    public void Tell(InstallationStatus status, bool isLast = false)
    {
        var isNew = false;
        foreach (var source in status.Sources)
        {
            isNew |= IsNew("activity " + source.Name, source.Activity);
            TellTables(source);
        }

        if (isNew)
            pause = ShortestPause;
        else if (!isLast && summedUpAt is { } at && clock.GetElapsedTime(at) < pause)
            return;
        if (SumUp(status) && !isNew)
            pause = 2 * pause < LongestPause ? 2 * pause : LongestPause;
        summedUpAt = clock.GetTimestamp();
    }

    /// <summary>Tables whose state changed since the first look, which the summary tells of.</summary>
    private void TellTables(SourceStatus source)
    {
        var isFirst = IsNew("tables " + source.Name, source.Tables.Count > 0) && source.Tables.Count > 0;
        foreach (var alike in source.Tables.Where(table => IsNew($"table {source.Name} {table.Table}", (table.State, table.Reason))
            && !isFirst).GroupBy(table => table.State).ToList())
        {
            if (alike.Count() > Few)
                Log.Tables(log, source.Name, Words.Of(alike.Key), alike.Count(), Words.Names([.. alike.Select(table => table.Table)]));
            else
                Tell(source, alike);
        }

        foreach (var table in source.Tables.Where(table => IsNew($"held {source.Name} {table.Table}", table.HoldsStream)
            && table.HoldsStream))
            Log.Held(log, source.Name, table.Table, Words.Held(source, table));
    }

    /// <summary>False where nothing moved since the last summary.</summary>
    private bool SumUp(InstallationStatus status)
    {
        var isNews = false;
        foreach (var source in status.Sources.Where(source => IsNew("source " + source.Name,
            (source.Activity, source.Records, source.Tables.Sum(table => table.RowsRead), source.Tables.Count))))
        {
            isNews = true;
            Log.Source(log, source, Words.Of(source.Activity), Words.Behind(source), Words.Of(source.Tables));
            // The largest first: those are waited for.
            Tell(source, source.Tables.Where(table => table.State == TablePhase.Reading && table.RowsRead > 0)
                .OrderByDescending(table => table.RowsEstimated ?? 0).Take(Few));
        }

        foreach (var sink in status.Sinks.Where(sink =>
            IsNew("sink " + sink.Name, (sink.Tables.Sum(table => table.AppliedRows), sink.Tables.Sum(table => table.OffsetLag)))))
        {
            isNews = true;
            Log.Applied(log, sink.Name, sink.Tables.Sum(table => table.AppliedRows), sink.Tables.Count,
                sink.Tables.Sum(table => table.OffsetLag), Words.Late(sink.LagSeconds), sink.LagSeconds);
        }

        return isNews;
    }

    private void Tell(SourceStatus source, IEnumerable<SourceTableStatus> tables)
    {
        foreach (var table in tables)
            Log.Table(log, source.Name, table.Table, Words.Of(table.State), Words.Read(table), table.RowsRead, table.RowsEstimated,
                table.Reason, table.SecondsLeft);
    }

    private bool IsNew(string what, object value)
    {
        var isNew = !told.TryGetValue(what, out var before) || !before.Equals(value);
        told[what] = value;
        return isNew;
    }
}
