using Cdc.Cli.Commands;
using Cdc.Cli.Output;
using Cdc.Cli.Progress;
using Cdc.Control.Status;
using Cdc.Integration.Tests.Control;
using Spectre.Console;

namespace Cdc.Integration.Tests.Progress;

public sealed class ProgressViewTests
{
    [Fact]
    public void Columns_are_aligned_and_faults_stand_below()
    {
        var lines = Render(Statuses.Busy, 100);

        var heads = lines.Single(line => line.StartsWith("source shop", StringComparison.Ordinal));
        var orders = lines.First(line => line.Contains("public.orders", StringComparison.Ordinal));
        Assert.Equal(heads.IndexOf("rows read", StringComparison.Ordinal) + "rows read".Length,
            orders.IndexOf("412,000", StringComparison.Ordinal) + "412,000".Length);
        Assert.Contains("1,250,000", orders, StringComparison.Ordinal);
        Assert.Contains("14 s", orders, StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("0.4 s (3.3 MiB) behind", StringComparison.Ordinal));
        Assert.Equal("public.<b>odd</b>: CDC-2031 Column 'mood' of table 'public.odd' has a type that is no longer in the catalog.",
            lines[^1]);
        Assert.StartsWith("warehouse: CDC-5005", lines[^2], StringComparison.Ordinal);
    }

    /// <summary>Nothing fails for it, so nothing else tells of it.</summary>
    [Fact]
    public void Warnings_stand_below_with_what_to_do()
    {
        var source = new SourceStatus
        {
            Name = "shop", State = RoleState.Running,
            Warnings = [.. Enumerable.Range(1, 7)
                .Select(number => new StatusWarning($"Table 't{number}' is selected but not published", "ALTER x"))],
        };
        var lines = Render(new InstallationStatus { Name = "shop", Started = default, Sources = [source] }, 100);
        Assert.Equal("Source 'shop': Table 't1' is selected but not published (ALTER x).", lines[^6]);
        Assert.Equal("Source 'shop': 2 more warnings.", lines[^1]);
    }

    [Theory]
    [InlineData(null, null, false, SourceActivity.Connecting, "no slot yet")]
    [InlineData(null, null, false, SourceActivity.Ended, "how far behind is not known yet")]
    [InlineData(null, null, true, SourceActivity.Connecting, "how far behind is not known yet")]
    [InlineData(null, null, null, SourceActivity.Connecting, "how far behind is not known yet")]
    [InlineData(0L, 0.0, false, SourceActivity.Streaming, "nothing waits")]
    public void Source_without_a_slot_is_behind_by_nothing(
        long? bytes, double? seconds, bool? hasSlot, SourceActivity activity, string expected) => Assert.Equal(expected, Words.Behind(
        new SourceStatus
        {
            Name = "shop", State = RoleState.Starting, Activity = activity, HasSlot = hasSlot, LagBytes = bytes, LagSeconds = seconds,
        }));

    [Fact]
    public void Long_lists_begin_with_what_needs_a_look_and_count_the_rest()
    {
        var tables = Enumerable.Range(0, 240).Select(number => new SourceTableStatus
        {
            Table = $"public.table_{number}",
            Topic = "t",
            State = number == 200 ? TablePhase.Stopped : number == 100 ? TablePhase.Reading : TablePhase.Streaming,
        });

        var lines = Render(new InstallationStatus
        {
            Name = "shop", Started = default,
            Sources = [new SourceStatus { Name = "shop", State = RoleState.Running, Tables = [.. tables] }],
        }, 10);

        Assert.Equal(2 + 10 + 1, lines.Length);
        Assert.Contains("public.table_200", lines[2], StringComparison.Ordinal);
        Assert.Contains("public.table_100", lines[3], StringComparison.Ordinal);
        Assert.Contains("... and 230 more", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_neither_markup_nor_steer_the_terminal()
    {
        var lines = Render(new InstallationStatus
        {
            Name = "shop",
            Started = default,
            Sinks = [new SinkStatus
            {
                Name = "w", Target = "t", State = RoleState.Running, Tables = [new() { Topic = "t", Table = "[red]x[/]\u001b[2J" }],
            }],
        }, 10);

        Assert.Contains(lines, line => line.Contains("[red]x[/]?[2J", StringComparison.Ordinal));
    }

    [Fact]
    public void A_table_that_holds_the_stream_is_told_in_words()
    {
        var lines = Render(Statuses.Held, 10);

        Assert.Equal(
            "Source 'shop' takes no changes while table 'public.events' is read, because it has no key. They wait in the source's " +
            "write-ahead log, and nothing is lost: capture catches up automatically.", lines[^1]);
    }

    [Fact]
    public void A_table_of_a_sink_that_is_tried_again_says_when()
    {
        var next = new DateTimeOffset(2024, 5, 1, 12, 30, 5,
            TimeZoneInfo.Local.GetUtcOffset(new DateTime(2024, 5, 1, 12, 30, 5, DateTimeKind.Unspecified)));
        var lines = Render(new InstallationStatus
        {
            Name = "shop",
            Started = default,
            Sinks =
            [
                new SinkStatus
                {
                    Name = "w", Target = "t", State = RoleState.Running,
                    Tables = [new()
                    {
                        Topic = "t", Table = "public.held", NextTry = next,
                        Error = new StatusError("CDC-5026", "Somebody has a lock.", "Look."),
                    }],
                },
            ],
        }, 10);

        Assert.Contains(lines, line => line.Contains("public.held", StringComparison.Ordinal)
            && line.Contains("retrying", StringComparison.Ordinal));
        Assert.Equal("public.held: CDC-5026 Somebody has a lock. Look. Tried again at 12:30:05.", lines[^1]);
    }

    [Fact]
    public void A_status_in_a_file_has_no_escapes()
    {
        using var text = new StringWriter();
        StatusCommand.Show(Statuses.Held, new Terminal(text, TextWriter.Null, IsLive: false));

        Assert.Contains("public.events", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\e", text.ToString(), StringComparison.Ordinal);
    }

    private static string[] Render(InstallationStatus status, int maxRows)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 200;
        console.Write(ProgressView.Of(status, maxRows));
        return [.. writer.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
    }
}
