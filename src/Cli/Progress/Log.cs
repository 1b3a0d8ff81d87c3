using Cdc.Control.Status;
using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Progress;

/// <summary>Events 100 to 199.</summary>
internal static partial class Log
{
    public static void Source(ILogger log, SourceStatus source, string state, string behind, string tables) =>
        Tell(log, new EventId(100, nameof(Source)),
            $"Source '{source.Name}' is {state}: {Words.Count(source.Records)} records, {behind}; {tables}.",
            ("Source", source.Name), ("State", state), ("Records", source.Records), ("LagBytes", source.LagBytes),
            ("LagSeconds", source.LagSeconds), ("Tables", source.Tables.Count));

    public static void Table(
        ILogger log, string source, string table, string state, string read, long rowsRead, long? rowsEstimated, string reason,
        double? secondsLeft) =>
        Tell(log, new EventId(101, nameof(Table)), $"Table '{table}' of source '{source}' is {state}: {read}.",
            ("Source", source), ("Table", table), ("State", state), ("RowsRead", rowsRead), ("RowsEstimated", rowsEstimated),
            ("Reason", reason),
            ("SecondsLeft", secondsLeft));

    public static void Applied(ILogger log, string sink, long appliedRows, int tables, long offsetLag, string late, double? lagSeconds) =>
        Tell(log, new EventId(102, nameof(Applied)),
            $"Sink '{sink}' applied {Words.Count(appliedRows)} changes " +
            $"to {Words.Tables(tables)}; {(offsetLag == 0 ? "nothing waits" : $"{Words.Count(offsetLag)} records wait{late}")}.",
            ("Sink", sink), ("AppliedRows", appliedRows), ("Tables", tables), ("OffsetLag", offsetLag), ("LagSeconds", lagSeconds));

    /// <summary>A table without a key is being read: the whole stream of its source waits.</summary>
    public static void Held(ILogger log, string source, string table, string sentence) =>
        Tell(log, new EventId(103, nameof(Held)), sentence, ("Source", source), ("Table", table));

    /// <summary>Several tables changed their state alike.</summary>
    public static void Tables(ILogger log, string source, string state, int count, string names) =>
        Tell(log, new EventId(104, nameof(Tables)), $"{Words.Tables(count)} of source '{source}' are {state}: {names}.", ("Source", source),
            ("State", state), ("Tables", count));

    /// <summary>
    /// A sentence, and the facts it is made of: where one is not known the sentence has other words, and the field is null.
    /// </summary>
    private static void Tell(ILogger log, EventId id, string sentence, params (string Name, object? Value)[] facts)
    {
        if (log.IsEnabled(LogLevel.Information))
            log.Log(LogLevel.Information, id, facts.Select(fact => KeyValuePair.Create(fact.Name, fact.Value)).ToList(), null,
                (_, _) => sentence);
    }
}
