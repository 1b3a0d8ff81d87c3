using System.Collections.Concurrent;
using System.Globalization;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Topics;
using Cdc.Sink;
using Cdc.Sink.Consuming;
using Cdc.Sink.Ledger;

namespace Cdc.Hosting;

/// <summary>
/// A capture for each source and a sink for each target, in this process. The log is the only way from one to the other. The first role
/// that fails for good ends all of them in order; its error is what the caller sees.
/// </summary>
public sealed class Roles : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<object, Exception?> ended = new();
    private readonly IReadOnlyList<(SinkRole Role, Subscription Subscription)> subscriptions;
    private readonly IReadOnlyList<IDisposable> metrics;
    private readonly TimeProvider clock;
    private readonly LoopHealth health;

    internal Roles(RolesOpening parts, OpenedLog log)
    {
        Log = log;
        clock = parts.Clock;
        health = parts.Health;
        Captures =
        [
            .. parts.Sources.Select(source =>
                new CaptureRole(source, log.Topics, log.Registry, clock, parts.Logging.CreateLogger("Cdc.Capture"))
                {
                    Health = health,
                    Reload = parts.Options.Reload,
                }),
        ];
        Sinks = [.. parts.Sinks.Select(sink => SinkOf(sink, log, parts))];
        subscriptions = [.. parts.Sinks.Zip(Sinks, (sink, role) => (role, new Subscription(sink.Subscribe)))];
        metrics =
        [
            .. parts.Sources.Zip(Captures, (source, capture) => new CaptureMetrics(source.Name, capture)),
            .. parts.Sinks.Zip(Sinks, (sink, role) => new SinkMetrics(sink.Name, role)),
        ];
    }

    public OpenedLog Log { get; }

    /// <summary>As the sources were registered.</summary>
    public IReadOnlyList<CaptureRole> Captures { get; }

    /// <summary>As the sinks were registered.</summary>
    public IReadOnlyList<SinkRole> Sinks { get; }

    /// <summary>How roles ended, by role: with null where in order.</summary>
    public IReadOnlyDictionary<object, Exception?> Ended => ended;

    /// <summary>Told what the log holds, a few times a second while they run.</summary>
    public Action<IReadOnlyList<TopicState>>? OnLook { get; set; }

    /// <summary>
    /// Runs until it is done; when <paramref name="stop"/> is cancelled it drains and returns. A role's error that does not pass is thrown.
    /// Where it ends by itself, tables that are stopped are an error too (<c>CDC-5085</c>).
    /// </summary>
    public async Task RunAsync(RunUntil until, CancellationToken stop)
    {
        LendThreads();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task> roles =
        [
            LookAsync(until, stopping),
            .. Captures.Select(capture => Task.Run(() => WatchAsync(capture, capture.RunAsync(stopping.Token)), CancellationToken.None)),
            .. Sinks.Select(sink => Task.Run(() => WatchAsync(sink, sink.RunAsync(stopping.Token)), CancellationToken.None)),
        ];
        var running = roles.ToList();
        while (running.Count > 0)
        {
            var first = await Task.WhenAny(running);
            running.Remove(first);
            if (first.IsFaulted)
                break;
        }

        await stopping.CancelAsync();
        await Task.WhenAll(roles);
        if (until == RunUntil.CaughtUp && !stop.IsCancellationRequested)
            RequireAll();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instruments in metrics)
            instruments.Dispose();
        await Log.DisposeAsync();
    }

    private static SinkRole SinkOf(SinkOptions sink, OpenedLog log, RolesOpening parts) =>
        new(sink, log.Topics, log.Registry, () => TableWriters.Open(sink, parts.Clock), parts.Clock, parts.Logging.CreateLogger("Cdc.Sink"))
        {
            Health = parts.Health,
            AskForReread = table => new ResyncRequests(log.Topics, table.Source)
                .SendAsync(ResyncRequest.For([$"{table.Schema}.{table.Table}"]), CancellationToken.None),
        };

    /// <summary>A source whose stream gathers keeps its thread for a moment; what others do is not to wait behind it.</summary>
    private void LendThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(workers + Captures.Count, ports);
    }

    /// <summary>Notes how a role ended, and passes it on.</summary>
    private async Task WatchAsync(object role, Task running)
    {
        try
        {
            await running;
            ended[role] = null;
        }
        catch (Exception error)
        {
            ended[role] = error;
            throw;
        }
    }

    /// <summary>A scheduler must not take it for success that some tables are stopped.</summary>
    private void RequireAll()
    {
        var still = Captures
            .SelectMany(capture => capture.Progress.Tables.Values.Where(table => table.Trouble is not null))
            .Select(table => table.Table.ToString())
            .Concat(Sinks.SelectMany(sink => sink.Progress.Topics.Where(topic => sink.Progress.TroubleOf(topic) is not null)))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (still.Count > 0)
        {
            throw new CdcException(ErrorCodes.TablesStopped, string.Create(CultureInfo.InvariantCulture,
                $"Everything else has caught up, but {still.Count} tables or topics are " +
                $"stopped: '{string.Join("', '", still.Take(10))}'."));
        }
    }

    /// <summary>Looks at the log now and then: for the status, and to end a run that has caught up.</summary>
    private async Task LookAsync(RunUntil until, CancellationTokenSource stopping)
    {
        try
        {
            var ends = until == RunUntil.CaughtUp
                ? await Task.WhenAll(Captures.Select(capture => capture.ReadEndAsync(stopping.Token)))
                : null;
            using var loop = health.Register("the look at the log", LoopHealth.UsualPatience);
            while (!stopping.IsCancellationRequested)
            {
                loop.Tick();
                var captured = ends is not null && await AreCapturedAsync(ends, stopping.Token);
                var topics = await Log.Topics.DescribeTopicsAsync(IsSubscribed, stopping.Token);
                Note(topics);
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

    private bool IsSubscribed(string topic) => subscriptions.Any(sink => sink.Subscription.Includes(topic));

    /// <summary>The sinks learn how much there is to apply.</summary>
    private void Note(IReadOnlyList<TopicState> topics)
    {
        foreach (var (role, subscription) in subscriptions)
        {
            role.Progress.See(topics.Where(topic => subscription.Includes(topic.Topic)).ToDictionary(
                topic => topic.Topic, topic => topic.Partitions.Sum(partition => partition.NextOffset), StringComparer.Ordinal));
        }

        OnLook?.Invoke(topics);
    }

    private async Task<bool> AreCapturedAsync(SourceEnd[] ends, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Captures.Count; i++)
        {
            if (!await Captures[i].HasReachedAsync(ends[i], cancellationToken))
                return false;
        }

        return true;
    }

    private async Task<bool> AreAppliedAsync(IReadOnlyList<TopicState> topics, CancellationToken cancellationToken)
    {
        var notes = await TopicNotes.ReadAsync(Log.Topics, TopicNotes.None, cancellationToken);
        return Sinks.All(sink => sink.HasApplied(topics, notes));
    }
}
