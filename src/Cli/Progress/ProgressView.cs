using Cdc.Cli.Output;
using Cdc.Control.Status;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Cdc.Cli.Progress;

/// <summary>A status as aligned columns; names are set as text, never as markup.</summary>
internal static class ProgressView
{
    private const int MaxFaults = 5;

    private static readonly string[] SourceHeads = ["state", "rows read", "of about", "rows/s", "left"];
    private static readonly string[] SinkHeads = ["state", "applied", "to apply", "last commit", ""];

    /// <param name="status">What is shown.</param>
    /// <param name="maxRows">Tables shown in all; those in trouble and at work come first, the rest is counted.</param>
    public static IRenderable Of(InstallationStatus status, int maxRows)
    {
        var faults = FaultsOf(status).Where(fault => fault.Error is not null)
            .Select(fault => new Text(
                Terminal.Plain($"{fault.Name}: {fault.Error!.Code} {fault.Error.Text} {fault.Error.Remedy}".TrimEnd()
                    + Words.TriedAgain(fault.NextTry)), new Style(Color.Red)));
        var held = status.Sources.SelectMany(source => source.Tables.Where(table => table.HoldsStream)
            .Select(table => Words.Held(source, table)))
            .Select(line => new Text(Terminal.Plain(line), new Style(Color.Yellow)));
        var warned = status.Sources.SelectMany(source => source.Warnings.Take(MaxFaults).Select(warning => Words.Warning(source, warning))
                .Concat(source.Warnings.Count > MaxFaults
                    ? [$"Source '{source.Name}': {Words.Count(source.Warnings.Count - MaxFaults)} more warnings."] : []))
            .Select(line => new Text(Terminal.Plain(line), new Style(Color.Yellow)));
        return new Rows([GridOf(status, maxRows), .. held, .. warned, .. faults.Take(MaxFaults)]);
    }

    private static IEnumerable<(string Name, StatusError? Error, DateTimeOffset? NextTry)> FaultsOf(InstallationStatus status) =>
    [
        .. status.Sources.Select(source => (source.Name, source.Error, (DateTimeOffset?)null)),
        .. status.Sinks.Select(sink => (sink.Name, sink.Error, (DateTimeOffset?)null)),
        .. status.Sources.SelectMany(source => source.Tables).Select(table => (table.Table, table.Error, table.NextTry)),
        .. status.Sinks.SelectMany(sink => sink.Tables).Select(table => (table.Table, table.Error, table.NextTry)),
    ];

    private static Grid GridOf(InstallationStatus status, int maxRows)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddColumn(new GridColumn().NoWrap());
        for (var column = 0; column < SourceHeads.Length - 1; column++)
            grid.AddColumn(new GridColumn().NoWrap().RightAligned());
        var perRole = maxRows / Math.Max(1, status.Sources.Count + status.Sinks.Count);
        foreach (var source in status.Sources)
        {
            Head(grid, "source " + source.Name, SourceHeads);
            Row(grid, $"  {Words.Count(source.Records)} records, {Words.Behind(source)}", Words.Of(source.Activity));
            Rows(grid, [.. source.Tables.OrderBy(UrgencyOf)], perRole, Add);
        }

        foreach (var sink in status.Sinks)
        {
            Head(grid, "sink " + sink.Name, SinkHeads);
            Row(grid, "  " + sink.Target, Words.Of(sink.State), Words.Count(sink.Tables.Sum(table => table.AppliedRows)),
                Words.Count(sink.LagRecords),
                sink.LagSeconds is > 0 ? Words.Seconds(sink.LagSeconds) + " behind" : "");
            Rows(grid, [.. sink.Tables.OrderBy(table => table.Error is null).ThenByDescending(table => table.OffsetLag)], perRole, Add);
        }

        return grid;
    }

    private static void Add(Grid grid, SourceTableStatus table)
    {
        var reading = table.State is TablePhase.Reading or TablePhase.Waiting;
        var state = Words.Of(table.State) + (reading && table.Reason is "gap" or "recheck" ? " again" : "");
        Row(grid, "  " + table.Table, state, Words.Count(table.RowsRead), reading ? Words.Count(table.RowsEstimated) : "",
            reading ? Words.Count(table.RowsPerSecond) : "", reading ? Words.Seconds(table.SecondsLeft) : "");
    }

    private static void Add(Grid grid, SinkTableStatus table)
    {
        Row(grid, "  " + table.Table, StateOf(table), Words.Count(table.AppliedRows), Words.Count(table.OffsetLag),
            Words.Of(table.LastCommit));
    }

    private static string StateOf(SinkTableStatus table) => table.Error is null ? "" : table.NextTry is null ? "stopped" : "retrying";

    private static void Rows<T>(Grid grid, IReadOnlyList<T> tables, int max, Action<Grid, T> add)
    {
        foreach (var table in tables.Take(max))
            add(grid, table);
        if (tables.Count > max)
            Row(grid, $"  ... and {Words.Count(tables.Count - max)} more");
    }

    private static int UrgencyOf(SourceTableStatus table) => table.State switch
    {
        TablePhase.Stopped => 0,
        TablePhase.Retrying => 1,
        TablePhase.Reading => 2,
        TablePhase.Waiting => 3,
        TablePhase.Streaming => 4,
        TablePhase.Gone => 5,
        _ => throw new ArgumentOutOfRangeException(nameof(table), table.State, "Not a state of a table."),
    };

    private static void Head(Grid grid, string name, string[] heads) =>
        grid.AddRow(
        [
            new Text(Terminal.Plain(name), new Style(decoration: Decoration.Bold)),
            .. heads.Select(head => new Text(head, new Style(decoration: Decoration.Dim))),
        ]);

    private static void Row(Grid grid, params string[] cells) =>
        grid.AddRow([.. cells.Concat(Enumerable.Repeat("", SourceHeads.Length + 1 - cells.Length))
            .Select(cell => new Text(Terminal.Plain(cell)))]);
}
