using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Progress;

/// <summary>Events 100 to 199.</summary>
internal static partial class Log
{
    public static void Source(ILogger log, string source, string state, long records, string behind, long? lagBytes, double? lagSeconds) =>
        Tell(log, new EventId(100, nameof(Source)), $"Source '{source}' is {state}: {Words.Count(records)} records, {behind}.",
            ("Source", source), ("State", state), ("Records", records), ("LagBytes", lagBytes), ("LagSeconds", lagSeconds));

    public static void Table(
        ILogger log, string source, string table, string state, string read, long rowsRead, long? rowsEstimated, string reason, double? secondsLeft) =>
        Tell(log, new EventId(101, nameof(Table)), $"Table '{table}' of source '{source}' is {state}: {read}.",
            ("Source", source), ("Table", table), ("State", state), ("RowsRead", rowsRead), ("RowsEstimated", rowsEstimated), ("Reason", reason),
            ("SecondsLeft", secondsLeft));

    [LoggerMessage(102, LogLevel.Information, "Sink '{Sink}' applied {AppliedRows} changes to '{Table}'; {OffsetLag} records wait.")]
    public static partial void Applied(ILogger log, string sink, string table, long appliedRows, long offsetLag);

    /// <summary>A table without a key is being read: the whole stream of its source waits.</summary>
    public static void Held(ILogger log, string source, string table, string sentence) =>
        Tell(log, new EventId(103, nameof(Held)), sentence, ("Source", source), ("Table", table));

    /// <summary>A sentence, and the facts it is made of: where one is not known the sentence has other words, and the field is null.</summary>
    private static void Tell(ILogger log, EventId id, string sentence, params (string Name, object? Value)[] facts)
    {
        if (log.IsEnabled(LogLevel.Information))
            log.Log(LogLevel.Information, id, facts.Select(fact => KeyValuePair.Create(fact.Name, fact.Value)).ToList(), null, (_, _) => sentence);
    }
}
