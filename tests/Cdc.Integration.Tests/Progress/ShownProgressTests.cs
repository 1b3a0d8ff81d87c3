using Cdc.Cli.Output;
using Cdc.Cli.Progress;
using Cdc.Control.Status;
using Cdc.Integration.Tests.Control;
using Cdc.Testing;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Cdc.Integration.Tests.Progress;

public sealed class ShownProgressTests
{
    [Fact]
    public async Task A_live_terminal_is_painted_and_keeps_the_last_picture()
    {
        await using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(writer),
        });
        var asked = 0;
        using var logging = LoggerFactory.Create(_ => { });
        InstallationStatus Ask() => Interlocked.Increment(ref asked) == 1 ? Statuses.Busy with { Sinks = [] }
            : Statuses.Busy with { Sources = [] };

        await ShownProgress.Start(Ask, console, logging).DisposeAsync();

        var text = writer.ToString();
        Assert.Equal(2, asked);
        Assert.True(text.IndexOf("source shop", StringComparison.Ordinal) < text.LastIndexOf("sink warehouse", StringComparison.Ordinal));
    }

    [Fact]
    public void A_restart_with_many_tables_is_told_in_one_line_and_stopped_ones_by_name()
    {
        var (events, lines, _) = Begin();

        events.Tell(WithTables(33, TablePhase.Streaming) with { Sinks = Statuses.Busy.Sinks });

        Assert.Equal(2, lines.Count);
        Assert.EndsWith(
            "Source 'shop' is streaming: 1,204,331 records, 0.4 s (3.3 MiB) behind; 33 tables: 1 stopped ('public.t32'), 32 streaming.",
            lines[0], StringComparison.Ordinal);
        Assert.EndsWith("Sink 'warehouse' applied 479,332 changes to 2 tables; 13,888 records wait.", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_that_change_alike_are_one_line_and_few_have_one_each()
    {
        var (events, lines, _) = Begin();
        events.Tell(WithTables(33, TablePhase.Waiting));
        events.Tell(WithTables(33, TablePhase.Reading));
        Assert.Equal(2, lines.Count);
        Assert.EndsWith(
            "32 tables of source 'shop' are reading: 'public.t0', 'public.t1', 'public.t2', 'public.t3', 'public.t4' and 27 more.",
            lines[1], StringComparison.Ordinal);

        var read = WithTables(33, TablePhase.Reading);
        events.Tell(
            read with { Sources =
                [read.Sources[0] with { Tables =
                [
                    read.Sources[0].Tables[0] with { State = TablePhase.Streaming, RowsRead = 1 }, .. read.Sources[0].Tables.Skip(1),
                ] }] });
        Assert.Equal(3, lines.Count);
        Assert.EndsWith("Table 'public.t0' of source 'shop' is streaming: 1 row read.", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Summaries_come_in_growing_pauses_and_none_where_nothing_moves()
    {
        var (events, lines, clock) = Begin();
        var status = WithTables(1, TablePhase.Streaming);
        for (var look = 0; look < 360; look++)
        {
            events.Tell(WithRecords(status, look));
            clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.InRange(lines.Count, 8, 12); // An hour.
        var told = lines.Count;
        for (var look = 0; look < 360; look++)
        {
            events.Tell(WithRecords(status, 359));
            clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.InRange(lines.Count, told, told + 1);
        told = lines.Count;
        events.Tell(
            WithRecords(status, 359) with { Sources = [status.Sources[0] with { Records = 359, Activity = SourceActivity.Retrying }] });
        Assert.Equal(told + 1, lines.Count);
        events.Tell(WithRecords(status,
            360) with { Sources = [status.Sources[0] with { Records = 360, Activity = SourceActivity.Retrying }] }, isLast: true);
        Assert.Equal(told + 2, lines.Count);
    }

    [Fact]
    public void A_table_that_holds_the_stream_is_told_once_each_time()
    {
        var (events, lines, _) = Begin();
        var source = Statuses.Held.Sources[0];
        InstallationStatus[] statuses =
        [
            Statuses.Held, Statuses.Held,
            Statuses.Held with { Sources = [source with { Tables = [source.Tables[0] with { HoldsStream = false }] }] }, Statuses.Held,
        ];

        foreach (var status in statuses)
            events.Tell(status);

        Assert.Equal(2,
            lines.Count(line => line.Contains("Source 'shop' takes no changes while table 'public.events' is read",
                StringComparison.Ordinal)));
    }

    private static (ProgressEvents Events, List<string> Lines, SteppedClock Clock) Begin()
    {
        var lines = new List<string>();
        var clock = new SteppedClock();
        return (new ProgressEvents(new LineLogger(lines.Add, OutputFormat.Text, TimeProvider.System), clock), lines, clock);
    }

    private static InstallationStatus WithRecords(
        InstallationStatus status, long records) => status with { Sources = [status.Sources[0] with { Records = records }] };

    /// <summary>Tables in one state; of several the last is stopped.</summary>
    private static InstallationStatus WithTables(int count, TablePhase state) => Statuses.Busy with
    {
        Sinks = [],
        Sources =
        [
            Statuses.Busy.Sources[0] with
            {
                Activity = SourceActivity.Streaming,
                Tables = [.. Enumerable.Range(0, count).Select(i => new SourceTableStatus
                {
                    Table = $"public.t{i}", Topic = $"shop.public.t{i}", State = count > 1 && i == count - 1 ? TablePhase.Stopped : state,
                })],
            },
        ],
    };
}
