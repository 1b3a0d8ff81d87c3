using System.Globalization;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Cli.Commands;
using Cdc.Cli.Remote;
using Cdc.Cli.Topics;
using Cdc.Cli.Wiring;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Control.Commands;
using Cdc.Control.Status;
using Cdc.Sink;
using Cdc.Sink.Ledger;
using Cdc.Transport;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Running;

/// <summary>
/// One configuration at work in this process: the log, a capture for each source, a role for each sink. The log is the only way from one to
/// the other. The first role that fails for good ends all of them in order; its error is what the caller sees.
/// </summary>
internal sealed class Installation : IInstallation
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    private readonly EmbeddedLog log;
    private readonly EmbeddedSchemaRegistry registry;
    private readonly TimeProvider clock;
    private readonly LoopHealth health;
    private readonly StatusCollector status;
    private readonly IReadOnlyList<CaptureRole> captures;
    private readonly IReadOnlyList<SinkRole> sinks;
    private readonly IReadOnlyList<IDisposable> metrics;
    private readonly ResyncSender sender;
    private readonly List<CaptureOptions> sources;

    private Installation(InstallationSetup setup, EmbeddedLog log, EmbeddedSchemaRegistry registry, TimeProvider clock)
    {
        this.log = log;
        this.registry = registry;
        this.clock = clock;
        health = setup.Health;
        var options = setup.Options;
        captures =
            [.. options.Sources.Select(source => new CaptureRole(source, log, registry, clock,
                setup.Logging.CreateLogger("Cdc.Capture")) { Health = health, Reload = setup.Reload })];
        sinks =
        [
            .. options.Sinks.Select(sink =>
                new SinkRole(sink, log, registry, () => TableWriters.Open(sink, clock), clock, setup.Logging.CreateLogger("Cdc.Sink"))
            {
                Health = health,
                AskForReread = table => new ResyncRequests(log,
                    table.Source).SendAsync(ResyncRequest.For([$"{table.Schema}.{table.Table}"]), CancellationToken.None),
            }),
        ];
        metrics =
        [
            .. options.Sources.Zip(captures, (source, capture) => new CaptureMetrics(source.Name, capture)),
            .. options.Sinks.Zip(sinks, (sink, role) => new SinkMetrics(sink.Name, role)),
            new LogMetrics(log),
        ];
        status = new StatusCollector(options, captures, sinks, clock);
        sources = [.. options.Sources];
        sender = new ResyncSender(log, sources, TablesOfAsync);
    }

    public InstallationStatus Status => status.Take();

    /// <summary>
    /// Takes the log's folder; waits a little where another process has it, for a command that leaves a request is done at once. Throws
    /// <c>CDC-3002</c> where it stays taken.
    /// </summary>
    public static async Task<IInstallation> OpenAsync(InstallationSetup setup, CancellationToken cancellationToken)
    {
        var opened = await OpenLogAsync(setup, TimeProvider.System, cancellationToken);
        var schemas = EmbeddedSchemaRegistry.Open(setup.Options.Log.Embedded.Path);
        foreach (var what in ((string?[])[opened.CutOff, schemas.CutOff]).OfType<string>())
            Log.CutOff(setup.Logging.CreateLogger<Installation>(), what);
        return new Installation(setup, opened, schemas, TimeProvider.System);
    }

    private static async Task<EmbeddedLog> OpenLogAsync(InstallationSetup setup, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return EmbeddedLog.Open(setup.Options.Log.Embedded, time, setup.Health);
            }
            catch (CdcException error) when (error.Code == ErrorCodes.LogLocked && time.GetElapsedTime(began) < LockPatience)
            {
                if (isFirst)
                    Log.WaitingForLog(setup.Logging.CreateLogger<Installation>(), LockPatience.TotalSeconds, error.Message);
            }

            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }

    public async Task RunAsync(RunUntil until, CancellationToken stop)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task> roles =
        [
            LookAsync(until, stopping),
            .. captures.Select(capture =>
                Task.Run(() => status.WatchAsync(capture, capture.RunAsync(stopping.Token)), CancellationToken.None)),
            .. sinks.Select(sink => Task.Run(() => status.WatchAsync(sink, sink.RunAsync(stopping.Token)), CancellationToken.None)),
        ];
        var running = roles.ToList();
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            if (ended.IsFaulted)
                break;
        }

        await stopping.CancelAsync();
        await Task.WhenAll(roles);
        if (until == RunUntil.CaughtUp && !stop.IsCancellationRequested)
            RequireAll();
    }

    /// <summary>A scheduler must not take it for success that some tables stand still.</summary>
    private void RequireAll()
    {
        var still = captures.SelectMany(capture => capture.Progress.Tables.Values.Where(table => table.Trouble is not null)
            .Select(table => table.Table.ToString()))
            .Concat(sinks.SelectMany(sink => sink.Progress.Topics.Where(topic => sink.Progress.TroubleOf(topic) is not null)))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (still.Count > 0)
        {
            throw new CdcException(ErrorCodes.TablesStandStill, string.Create(CultureInfo.InvariantCulture,
                $"Everything else has caught up, but {still.Count} tables or topics are " +
                $"stopped: '{string.Join("', '", still.Take(10))}'."));
        }
    }

    public Task<TopicListing> ListTopicsAsync(TopicsArguments arguments, CancellationToken cancellationToken) =>
        new TopicLook(log, registry).ListAsync(arguments, cancellationToken);

    public Task<EventPage> ReadEventsAsync(EventsArguments arguments, CancellationToken cancellationToken) =>
        new TopicLook(log, registry).ReadAsync(arguments, cancellationToken);

    public Task<ResyncReceipt> ResyncAsync(
        ResyncArguments arguments, CancellationToken cancellationToken) => sender.SendAsync(arguments, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        sender.Dispose();
        foreach (var instruments in metrics)
            instruments.Dispose();
        registry.Dispose();
        await log.DisposeAsync();
    }

    /// <summary>Looks at the log now and then: for the status, and to end a run that has caught up.</summary>
    private async Task LookAsync(RunUntil until, CancellationTokenSource stopping)
    {
        try
        {
            var ends = until == RunUntil.CaughtUp ? await Task.WhenAll(captures.Select(capture => capture.ReadEndAsync(stopping.Token)))
                : null;
            using var loop = health.Register("the look at the log", LoopHealth.UsualPatience);
            while (!stopping.IsCancellationRequested)
            {
                loop.Tick();
                var captured = ends is not null && await AreCapturedAsync(ends, stopping.Token);
                var topics = await log.DescribeTopicsAsync(stopping.Token);
                status.Note(topics, log.SizeBytes);
                if (captured && await AreAppliedAsync(topics, stopping.Token))
                    await stopping.CancelAsync();
                await Task.Delay(LookInterval, clock, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The roles end too.
        }
    }

    private async Task<bool> AreCapturedAsync(SourceEnd[] ends, CancellationToken cancellationToken)
    {
        for (var i = 0; i < captures.Count; i++)
        {
            if (!await captures[i].HasReachedAsync(ends[i], cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>What a capture has met; before it streams, what it had read before.</summary>
    private async Task<IReadOnlyCollection<TableId>?> TablesOfAsync(CaptureOptions source)
    {
        var met = captures[sources.IndexOf(source)].Progress.Tables.Keys.ToList();
        return met.Count > 0 ? met
            : CaptureRole.TablesOf(await log.ReadCheckpointAsync(source.TopicPrefix, CancellationToken.None), source);
    }

    private async Task<bool> AreAppliedAsync(IReadOnlyList<TopicState> topics, CancellationToken cancellationToken)
    {
        var notes = await TopicNotes.ReadAsync(log, TopicNotes.None, cancellationToken);
        return sinks.All(sink => sink.HasApplied(topics, notes));
    }
}
