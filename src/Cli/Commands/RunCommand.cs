using Cdc.Capture;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Progress;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Control;
using Cdc.Control.Metrics;
using Cdc.Control.Status;
using Cdc.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Cdc.Cli.Commands;

/// <summary><c>cdc run FILE</c>: capture and sinks in this process until it is told to stop.</summary>
internal sealed class RunCommand(Terminal terminal, InstallationFactory open)
{
    /// <param name="file">The configuration.</param>
    /// <param name="until">When the run is over without being asked.</param>
    /// <param name="reload">Whether tables that are only read are read again.</param>
    /// <param name="format">Of what is told.</param>
    /// <param name="limit">How long a run may take that ends by itself; null for as long as it takes.</param>
    public async Task<int> RunAsync(string file, RunUntil until, ReloadPolicy reload, OutputFormat format, TimeSpan? limit = null)
    {
        var options = ConfigurationFile.Load(file);
        if (reload == ReloadPolicy.Again && options.Sources.All(source => source.Snapshot.Mode != SnapshotMode.Only))
            throw new CdcException(ErrorCodes.CommandLineInvalid,
                "'--reload' was given, but no source has 'snapshot.mode: only'; use 'cdc resync' to read other tables again.");
        using var shutdown = new Shutdown();
        var console = format == OutputFormat.Text && terminal.IsLive ? AnsiConsole.Console : null;
        // Events of a live terminal go through the painter, which writes them above what it paints.
        using var lines = console is null
            ? new LineLoggerProvider(terminal.Out.WriteLine, OutputFormat.Json, TimeProvider.System)
            : new LineLoggerProvider(console.WriteLine, OutputFormat.Text, TimeProvider.System);
        using var host = RunHost.Build(options, reload, lines, shutdown);
        await using var metrics = new MetricsFeed(host.Services);
        var logging = host.Services.GetRequiredService<ILoggerFactory>();
        using var process = new ProcessMetrics(VersionCommand.Version);
        var health = host.Services.GetRequiredService<LoopHealth>();
        try
        {
            await using var installation = await open(new InstallationSetup(options, host.Services), shutdown.Asked);
            await using var server = await ServeAsync(options, AnswersOf(installation, health, metrics), logging, shutdown.Asked);
            await using var progress = ShownProgress.Start(() => installation.Status, console, logging);
            await host.StartAsync(shutdown.Asked);
            _ = metrics.OpenAsync();
            // Awaited here: how a host ends says nothing of what ran in it.
            await RunAsync(installation, until, limit, shutdown.Asked);
        }
        catch (OperationCanceledException) when (shutdown.Asked.IsCancellationRequested)
        {
            // Stopped as asked.
        }
        catch (Exception error) when (error is not OperationCanceledException && console is null && format == OutputFormat.Text)
        {
            Log.Failed(logging.CreateLogger<RunCommand>(), error); // Who reads the lines must not look elsewhere for the last of them.
            throw;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        return ExitCode.Stopped;
    }

    private static ControlAnswers AnswersOf(
        IInstallation installation, LoopHealth health, MetricsFeed metrics) => new(() => installation.Status, health)
    {
        Metrics = metrics.AnswerAsync, Resync = installation.ResyncAsync, Topics = installation.ListTopicsAsync,
        Events = installation.ReadEventsAsync,
    };

    private static async Task RunAsync(IInstallation installation, RunUntil until, TimeSpan? limit, CancellationToken asked)
    {
        InstallationStatus? late = null;
        using var deadline = new CancellationTokenSource(limit ?? Timeout.InfiniteTimeSpan);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(asked, deadline.Token);
        // The last one that is registered runs first: before the roles end.
        await using var expiry = deadline.Token.Register(() => late = installation.Status);
        await installation.RunAsync(until, either.Token);
        if (deadline.IsCancellationRequested && !asked.IsCancellationRequested)
            throw new CdcException(ErrorCodes.RunTimedOut,
                $"Running until caught up, for {Words.Seconds(limit!.Value.TotalSeconds)} at most, it was not " +
                $"done: {string.Join(", ", Words.LeftOf(late ?? installation.Status))}.");
    }

    private static async Task<ControlServer> ServeAsync(
        InstallationOptions options, ControlAnswers answers, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        var server = await ControlServer.StartAsync(options.Http, answers, options.Log.Embedded.Path, cancellationToken);
        var log = logging.CreateLogger<RunCommand>();
        if (options.Http.Port is null && server.Address.Port != HttpOptions.UsualPort)
            Log.UsualPortTaken(log, HttpOptions.UsualPort, server.Address.Port);
        Log.Serving(log, options.Name, server.Address);
        return server;
    }
}
