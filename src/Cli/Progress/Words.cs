using System.Globalization;
using Cdc.Control.Status;

namespace Cdc.Cli.Progress;

/// <summary>Numbers and states as people read them.</summary>
internal static class Words
{
    private const string Unknown = "-";
    private const int NamesShown = 5;

    /// <summary><c>WaitingForSlot</c> as <c>waiting for slot</c>.</summary>
    public static string Of<T>(T state)
        where T : struct, Enum =>
        string.Concat(state.ToString().Select((c, at) => char.IsUpper(c) ? (at > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>How far a source's capture is behind, in words that also fit where nobody knows.</summary>
    public static string Behind(SourceStatus source) => (source.LagBytes, source.LagSeconds) switch
    {
        (null, null) when source is { HasSlot: false, Activity: not SourceActivity.Ended } => "no slot yet",
        (null, null) => "how far behind is not known yet",
        (0, _) or (_, 0) => "nothing waits",
        (null, { } seconds) => Seconds(seconds) + " behind",
        ({ } bytes, null) => Bytes(bytes) + " behind",
        ({ } bytes, { } seconds) => $"{Seconds(seconds)} ({Bytes(bytes)}) behind",
    };

    /// <summary>How late a sink is, where it is known, with a comma before it.</summary>
    public static string Late(double? seconds) => seconds is > 0 ? $", {Seconds(seconds)} behind" : "";

    public static string Tables(int count) => Count(count) + (count == 1 ? " table" : " tables");

    /// <summary>How many tables there are and what they are at; those that are stopped, by name.</summary>
    public static string Of(IReadOnlyList<SourceTableStatus> tables)
    {
        var states = tables.GroupBy(table => table.State).OrderByDescending(alike => alike.Key == TablePhase.Stopped)
            .ThenBy(alike => alike.Key)
            .Select(alike => $"{Count(alike.Count())} {Of(alike.Key)}{StoppedNames(alike)}");
        return tables.Count == 0 ? "no tables yet" : $"{Tables(tables.Count)}: {string.Join(", ", states)}";
    }

    private static string StoppedNames(IGrouping<TablePhase, SourceTableStatus> alike) =>
        alike.Key == TablePhase.Stopped ? $" ({Names([.. alike.Select(table => table.Table)])})" : "";

    /// <summary>The first of some names, and how many more.</summary>
    public static string Names(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(NamesShown).Select(name => $"'{name}'"))
            + (names.Count > NamesShown ? $" and {Count(names.Count - NamesShown)} more" : "");

    /// <summary>How far a table is read.</summary>
    public static string Read(SourceTableStatus table)
    {
        var read = Count(table.RowsRead) + (table.RowsRead == 1 ? " row read" : " rows read");
        if (table.State is not (TablePhase.Reading or TablePhase.Waiting))
            return read;
        return (table.RowsEstimated, table.SecondsLeft) switch
        {
            (null, _) => read,
            ({ } rows, null) => $"{read} of about {Count(rows)}",
            ({ } rows, { } seconds) => $"{read} of about {Count(rows)}, {Seconds(seconds)} left",
        };
    }

    /// <summary>What a person must know while a table without a key is read.</summary>
    public static string Held(SourceStatus source, SourceTableStatus table) =>
        $"Source '{source.Name}' takes no changes while table '{table.Table}' is read, because it has no key. They wait in the source's " +
        "write-ahead log, and nothing is lost: capture catches up automatically.";

    /// <summary>What is left out of a source, as the log has it too.</summary>
    public static string Warning(SourceStatus source, StatusWarning warning) =>
        $"Source '{source.Name}': {warning.Text}{(warning.Remedy.Length == 0 ? "" : $" ({warning.Remedy})")}.";

    public static string Of(DateTimeOffset? time) => time?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>What each role of a pipeline is at and still has to do.</summary>
    public static IEnumerable<string> LeftOf(InstallationStatus status) =>
    [
        .. status.Sources.Select(source => $"source '{source.Name}' is {Of(source.Activity)}, {Behind(source)}{Because(source.Error)}"),
        .. status.Sinks.Select(sink =>
            $"sink '{sink.Name}' is {Of(sink.State)}, {Count(sink.LagRecords)} records wait to be applied{Because(sink.Error)}"),
    ];

    private static string Because(StatusError? error) => error is null ? "" : $" ({error.Code} {error.Text.TrimEnd('.')})";

    /// <summary>When what failed is tried again, as a sentence with a space before it; nothing where that is not known.</summary>
    public static string TriedAgain(DateTimeOffset? next) => next is null ? "" : $" Tried again at {Of(next)}.";

    public static string Count(double? value) => value is { } number ? number.ToString("#,0", CultureInfo.InvariantCulture) : Unknown;

    public static string Bytes(long? value)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        if (value is not { } number)
            return Unknown;
        var unit = 0;
        double size = number;
        for (; size >= 1024 && unit < units.Length - 1; unit++)
            size /= 1024;
        return size.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    public static string Seconds(double? value) => value switch
    {
        null => Unknown,
        < 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 120 => value.Value.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 7_200 => (value.Value / 60).ToString("0", CultureInfo.InvariantCulture) + " min",
        < 172_800 => (value.Value / 3_600).ToString("0.0", CultureInfo.InvariantCulture) + " h",
        _ => (value.Value / 86_400).ToString("0.0", CultureInfo.InvariantCulture) + " days",
    };
}
