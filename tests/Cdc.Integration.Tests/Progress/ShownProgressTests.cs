using Cdc.Cli.Output;
using Cdc.Cli.Progress;
using Cdc.Control.Status;
using Cdc.Integration.Tests.Control;
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
        PipelineStatus Ask() => Interlocked.Increment(ref asked) == 1 ? Statuses.Busy with { Sinks = [] } : Statuses.Busy with { Sources = [] };

        await ShownProgress.Start(Ask, console, logging).DisposeAsync();

        var text = writer.ToString();
        Assert.Equal(2, asked);
        Assert.True(text.IndexOf("source shop", StringComparison.Ordinal) < text.LastIndexOf("sink warehouse", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_what_changed_is_told()
    {
        var lines = new List<string>();
        using var provider = new LineLoggerProvider(lines.Add, OutputFormat.Text, TimeProvider.System);
        var events = new ProgressEvents(provider.CreateLogger("progress"));
        events.Tell(Statuses.Busy);
        Assert.Equal(1 + 4 + 2, lines.Count);

        events.Tell(Statuses.Busy);
        Assert.Equal(7, lines.Count);

        var source = Statuses.Busy.Sources[0];
        events.Tell(Statuses.Busy with { Sources = [source with { Records = source.Records + 1 }] });
        Assert.Equal(8, lines.Count);
        Assert.Contains(lines, line => line.EndsWith("Table 'public.order_lines' of source 'shop' is waiting: 0 rows read of about 5,100,000.", StringComparison.Ordinal));
        Assert.EndsWith("Source 'shop' is reading tables: 1,204,332 records, 0.4 s (3.3 MiB) behind.", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_holds_the_stream_is_told_once_each_time()
    {
        var lines = new List<string>();
        using var provider = new LineLoggerProvider(lines.Add, OutputFormat.Text, TimeProvider.System);
        var events = new ProgressEvents(provider.CreateLogger("progress"));
        var source = Statuses.Held.Sources[0];
        PipelineStatus[] statuses = [Statuses.Held, Statuses.Held, Statuses.Held with { Sources = [source with { Tables = [source.Tables[0] with { HoldsStream = false }] }] }, Statuses.Held];

        foreach (var status in statuses)
            events.Tell(status);

        Assert.Equal(2, lines.Count(line => line.Contains("Source 'shop' takes no changes while table 'public.events' is read", StringComparison.Ordinal)));
    }
}
