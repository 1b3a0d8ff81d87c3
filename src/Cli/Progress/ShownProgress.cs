using Cdc.Control.Status;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Cdc.Cli.Progress;

/// <summary>Shows how a run is doing until it is disposed: painted on a live terminal, else as events from time to time.</summary>
internal sealed class ShownProgress : IAsyncDisposable
{
    private static readonly TimeSpan Painting = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Telling = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stop = new();
    private readonly Task task;

    private ShownProgress(Func<CancellationToken, Task> show) => task = show(stop.Token);

    /// <param name="status">Asked for each picture.</param>
    /// <param name="console">The live terminal; null where there is none.</param>
    /// <param name="logging">Takes the events.</param>
    public static ShownProgress Start(Func<InstallationStatus> status, IAnsiConsole? console, ILoggerFactory logging) =>
        console is null
            ? new ShownProgress(cancel =>
                TellAsync(new ProgressEvents(logging.CreateLogger<ProgressEvents>(), TimeProvider.System), status, cancel))
            : new ShownProgress(cancel => PaintAsync(console, status, cancel));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await task;
        stop.Dispose();
    }

    private static async Task TellAsync(ProgressEvents events, Func<InstallationStatus> status, CancellationToken cancel)
    {
        while (await PassedAsync(Telling, cancel))
            events.Tell(status());
        events.Tell(status(), isLast: true);
    }

    private static Task PaintAsync(IAnsiConsole console, Func<InstallationStatus> status, CancellationToken cancel) =>
        console.Live(Picture(console, status())).StartAsync(async live =>
        {
            while (await PassedAsync(Painting, cancel))
                live.UpdateTarget(Picture(console, status()));
            live.UpdateTarget(Picture(console, status()));
        });

    private static IRenderable Picture(IAnsiConsole console, InstallationStatus status) =>
        ProgressView.Of(status, Math.Max(4, console.Profile.Height - 12));

    private static async Task<bool> PassedAsync(TimeSpan time, CancellationToken cancel)
    {
        await Task.Delay(time, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancel.IsCancellationRequested;
    }
}
